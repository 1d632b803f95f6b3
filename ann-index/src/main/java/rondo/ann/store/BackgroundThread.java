package rondo.ann.store;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Lets work that nobody waits for leave the processors to those that somebody waits for. */
public final class BackgroundThread {
    /** About a tenth of a processor beside a thread that is always busy, so that the work ends at all. */
    private static final int NICE = 10;

    private static final int PRIO_PROCESS = 0;

    private BackgroundThread() {}

    /** Lowers the priority of the calling thread, and of those that it starts, for good; without effect where the system does not do that by thread. */
    public static void lowerPriority() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return;
        }
        try {
            Linker linker = Linker.nativeLinker();
            MethodHandle setpriority = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("setpriority"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            // On Linux 0 is the calling thread, not its process.
            int ignored = (int) setpriority.invokeExact(PRIO_PROCESS, 0, NICE);
        } catch (Throwable e) {
            // Advice only: without it the work is done all the same.
            return;
        }
    }
}
