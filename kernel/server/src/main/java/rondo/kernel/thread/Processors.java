package rondo.kernel.thread;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Which processors threads may run on, by the system's own calls; on a system without them nothing is known and nothing can be pinned. */
public final class Processors {
    /** As in the C library's {@code cpu_set_t}. */
    private static final int SET_BYTES = 128;

    private static final int CALLING_THREAD = 0;
    private static final int PRIORITY_OF_TASK = 0;
    private static final int PRIORITY_LOWEST = 19;

    private Processors() {}

    private record Calls(
            MethodHandle get, MethodHandle set, MethodHandle current, MethodHandle task, MethodHandle priority) {
        static final @Nullable Calls FOUND = find();

        private static @Nullable Calls find() {
            FunctionDescriptor number = FunctionDescriptor.of(ValueLayout.JAVA_INT);
            FunctionDescriptor mask = FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
            FunctionDescriptor numbers = FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
            MethodHandle get = find("sched_getaffinity", mask);
            MethodHandle set = find("sched_setaffinity", mask);
            MethodHandle current = find("sched_getcpu", number);
            MethodHandle task = find("gettid", number);
            MethodHandle priority = find("setpriority", numbers);
            return get == null || set == null || current == null || task == null || priority == null
                    ? null
                    : new Calls(get, set, current, task, priority);
        }

        private static @Nullable MethodHandle find(String name, FunctionDescriptor descriptor) {
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup()
                    .find(name)
                    .map(symbol -> linker.downcallHandle(symbol, descriptor))
                    .orElse(null);
        }
    }

    /** Numbers of the processors that this process may run on; empty when the system does not say. */
    public static BitSet usable() {
        return usable((int) ProcessHandle.current().pid());
    }

    /** Numbers of the processors that the calling thread may run on; empty when the system does not say. */
    static BitSet usableByThisThread() {
        return usable(CALLING_THREAD);
    }

    private static BitSet usable(int task) {
        Calls calls = Calls.FOUND;
        if (calls == null) {
            return new BitSet();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(SET_BYTES, Long.BYTES);
            int result = (int) calls.get().invokeExact(task, (long) SET_BYTES, set);
            return result < 0 ? new BitSet() : BitSet.valueOf(set.toArray(ValueLayout.JAVA_LONG));
        } catch (Throwable e) {
            throw new IllegalStateException("sched_getaffinity could not be called", e);
        }
    }

    /**
     * Pins the calling thread to one processor, and looks whether it is there.
     *
     * @return what is wrong, empty when nothing is.
     */
    public static String pin(int processor) {
        Calls calls = Calls.FOUND;
        if (calls == null) {
            return "this system cannot pin threads";
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(SET_BYTES, Long.BYTES);
            BitSet one = new BitSet();
            one.set(processor);
            long[] words = one.toLongArray();
            MemorySegment.copy(words, 0, set, ValueLayout.JAVA_LONG, 0, words.length);
            int result = (int) calls.set().invokeExact(CALLING_THREAD, (long) SET_BYTES, set);
            if (result != 0) {
                return "the system refuses processor " + processor + " to this thread";
            }
            int current = (int) calls.current().invokeExact();
            BitSet usable = usableByThisThread();
            return current == processor && usable.equals(one)
                    ? ""
                    : "pinned to processor " + processor + ", but it runs on " + current + " and may run on " + usable;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("sched_setaffinity could not be called", e);
        }
    }

    /** What the system calls the calling thread; 0 when it does not say. */
    static int task() {
        Calls calls = Calls.FOUND;
        if (calls == null) {
            return 0;
        }
        try {
            return (int) calls.task().invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException("gettid could not be called", e);
        }
    }

    /** Lets a thread run on any processor, but only while hardly anybody else wants one. */
    static void demote(int task) {
        Calls calls = Calls.FOUND;
        if (calls == null || task == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(SET_BYTES, Long.BYTES);
            long[] words = usable().toLongArray();
            MemorySegment.copy(words, 0, set, ValueLayout.JAVA_LONG, 0, words.length);
            // It may have come out of its stage and ended, and then there is nothing left to do.
            int unused = (int) calls.set().invokeExact(task, (long) SET_BYTES, set);
            unused = (int) calls.priority().invokeExact(PRIORITY_OF_TASK, task, PRIORITY_LOWEST);
        } catch (Throwable e) {
            throw new IllegalStateException("setpriority could not be called", e);
        }
    }
}
