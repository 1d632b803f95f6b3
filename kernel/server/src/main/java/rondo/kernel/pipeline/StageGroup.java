package rondo.kernel.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;

/**
 * The stages that one thread runs, and which request they are at. When that stays the same for too long, {@link #relieve} takes the group from its thread: another
 * one goes on behind the request, and the first, should it ever come out of its stage, ends by {@link RelievedException} before it touches anything.
 *
 * <pre>
 * field          written by                        mode           read by          mode
 * working        its thread (begin, end); watch    CAS to free    watch            volatile
 * stages, last   watch, while relieving            plain          its next thread  plain: that is started afterwards
 * </pre>
 *
 * What logs is not among them: a record half handed over must be finished by whoever began it.
 */
final class StageGroup {
    private static final long NOTHING = -1;
    private static final VarHandle WORKING;

    static {
        try {
            WORKING = MethodHandles.lookup().findVarHandle(StageGroup.class, "working", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Supplier<Stage[]> maker;
    private final BiConsumer<String, Throwable> onFailure;
    private Stage[] stages;

    /** The sequence of the request that its stages work on. */
    private volatile long working = NOTHING;

    /** Who works, once somebody has. */
    private volatile @Nullable Thread thread;

    /** The stage that is at work, for the words about one that hangs. */
    private int place;

    /**
     * @param maker     new stages, in their order.
     * @param onFailure told which stage threw what.
     */
    StageGroup(Supplier<Stage[]> maker, BiConsumer<String, Throwable> onFailure) {
        this.maker = maker;
        this.onFailure = onFailure;
        this.stages = maker.get();
    }

    /**
     * Lets the stages work on a request, unless it was given up. A stage that throws costs its request its slate by the chain and nothing else.
     *
     * @throws RelievedException when this thread was relieved meanwhile.
     */
    @HotPath
    void process(RequestSlot slot, long sequence) {
        if (slot.isGivenUp) {
            return;
        }
        if (!Thread.currentThread().equals(thread)) {
            thread = Thread.currentThread();
        }
        WORKING.setRelease(this, sequence);
        Stage[] mine = stages;
        for (int i = 0; i < mine.length && !slot.isGivenUp; i++) {
            place = i;
            try {
                mine[i].process(slot);
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError | AssertionError e) {
                slot.giveUp();
                onFailure.accept(mine[i].name(), e);
            }
        }
        if (!WORKING.compareAndSet(this, sequence, NOTHING)) {
            throw new RelievedException();
        }
    }

    /** The sequence of the request that is worked on, negative for none. Any thread. */
    long working() {
        return working;
    }

    /** Who works on it; null before anybody has. */
    @Nullable
    Thread thread() {
        return thread;
    }

    /**
     * Takes the group from its thread, with stages that nobody has used.
     *
     * @param sequence of the request that it hangs in.
     * @return the name of the stage that it hangs in, or null when it has just gone on.
     */
    @Nullable
    String relieve(long sequence) {
        if (!WORKING.compareAndSet(this, sequence, NOTHING)) {
            return null;
        }
        // The stage that works now need not be the one that has for long, but then both do.
        String name = stages[Math.min(place, stages.length - 1)].name();
        stages = maker.get();
        return name;
    }
}
