package rondo.ann.partitioned;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.store.BackgroundThread;

/**
 * An index that is searched while it changes: rows come, change and go by id, one writer ({@link VectorAppender}) beside any number of searchers
 * ({@link LiveSearcher}) that wait for nobody.
 *
 * <pre>
 * writer ─► tail of the current version, found from the next search on ─► too long? merge, on a thread of its own:
 *             the rows there are ─► new index ─► what changed meanwhile, in its order ─► current from the next search on
 * searcher ─► marks its epoch ─► current version: index + tail − what is gone ─► clears its mark
 * </pre>
 *
 * A version's memory is freed when no search is left that began before the next one took its place ({@link Epochs}).
 */
public final class LiveVectorIndex implements AutoCloseable {
    /** Changes that a merge makes up for while the writer waits. */
    private static final int CATCH_UP = 64;

    private static final int BATCH = 1_024;

    /** Rows that may come while a merge runs, beside those of the version and beside those that a merge begins for; then the writer waits for it. */
    private static final int TAIL_SHARE_MAX = 2;

    private static final int TAIL_MERGES_MAX = 8;
    private static final int PATIENCE_MAX = 64;
    private static final long RECLAIM_INTERVAL_NS = 1_000_000;

    private final LiveOptions options;
    private final Epochs epochs = new Epochs();
    private final AtomicBoolean hasAppender = new AtomicBoolean();
    private volatile @Nullable IndexVersion current;
    private volatile @Nullable Thread merger;
    private volatile @Nullable RuntimeException mergeFailure;

    /** Held by whoever changes anything: the appender, and a merge while it catches up. Fair, lest a busy writer keeps the merge out. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private final Condition mergeEnded = lock.newCondition();

    private final Deque<Retired> retired = new ArrayDeque<>();

    /** Rows of the tail to settle once no search is under way that began before an epoch; 0 for none. */
    private int settling;

    private long settlingEpoch;

    /** While a merge runs: an id and its row in the tail for each change, −1 when it went. */
    private final LongArrayList changes = new LongArrayList();

    /** Until nothing is left of the version before. */
    private boolean isMerging;

    private record Retired(IndexVersion version, long epoch) {}

    /** Where versions and changes are kept; null when they are not. */
    private final @Nullable VersionStore store;

    private @Nullable ChangeLog log;

    /** Doubled by each merge that fails, so that a full disk does not keep a merge running for ever. */
    private int patience = 1;

    private LiveVectorIndex(
            IndexVersion first, LiveOptions options, @Nullable VersionStore store, @Nullable ChangeLog log) {
        this.current = first;
        this.options = options;
        this.store = store;
        this.log = log;
    }

    /**
     * Builds the first version, in memory only.
     *
     * @param ids  what each row is called; all different.
     * @param rows row-major; copied.
     * @throws IllegalArgumentException as {@link PartitionedVectorIndex#build(float[], int, Similarity, long, int)} says, and for an id that is there twice.
     */
    public static LiveVectorIndex build(
            long[] ids, float[] rows, int dimension, Similarity similarity, LiveOptions options) {
        RowSource source = RowSource.of(ids, rows, dimension);
        return new LiveVectorIndex(version(1, source, dimension, similarity, options), options, null, null);
    }

    /**
     * As {@link #build}, kept in a folder: a change survives the process when its call returns, and the machine after {@link VectorAppender#force}.
     *
     * @throws IOException when it cannot be written, there is an index in the folder already, or a process has it open.
     */
    public static LiveVectorIndex create(
            Path folder, long[] ids, float[] rows, int dimension, Similarity similarity, LiveOptions options)
            throws IOException {
        RowSource source = RowSource.of(ids, rows, dimension);
        VersionStore store = VersionStore.open(folder);
        IndexVersion version = null;
        try {
            if (!store.versions().isEmpty()) {
                throw new FileAlreadyExistsException(folder.toString(), null, "there is an index already");
            }
            version = version(1, source, dimension, similarity, options);
            store.write(1, version.index, options.threads());
            ChangeLog log = store.newChanges(1, dimension);
            store.commit(1, log);
            return new LiveVectorIndex(version, options, store, log);
        } catch (IOException | RuntimeException | Error e) {
            if (version != null) {
                version.close();
            }
            store.close();
            throw e;
        }
    }

    /**
     * Opens the newest version in a folder with everything that was acknowledged since, checking every byte.
     *
     * @throws IOException naming file, offset, expected and found when something is damaged; when there is no index, or a process has it open.
     */
    public static LiveVectorIndex open(Path folder, LiveOptions options) throws IOException {
        VersionStore store = VersionStore.open(folder);
        IndexVersion version = null;
        try {
            List<Long> versions = store.versions();
            if (versions.isEmpty()) {
                throw new NoSuchFileException(folder.toString(), null, "there is no index");
            }
            long number = versions.getLast();
            version = new IndexVersion(number, store.read(number));
            ChangeLog log = store.changes(number, version.index.dimension, version.changes());
            version.settle(version.tail.count());
            return new LiveVectorIndex(version, options, store, log);
        } catch (IOException | RuntimeException | Error e) {
            if (version != null) {
                version.close();
            }
            store.close();
            throw e;
        }
    }

    private static IndexVersion version(
            long number, RowSource rows, int dimension, Similarity similarity, LiveOptions options) {
        PartitionedVectorIndex index = PartitionedVectorIndex.build(
                rows,
                dimension,
                similarity,
                options.rowFormat(),
                options.seed(),
                options.threads(),
                options.plans(),
                options.recall());
        try {
            return new IndexVersion(number, index);
        } catch (RuntimeException | Error e) {
            index.close();
            throw e;
        }
    }

    /** A searcher for one thread. */
    public LiveSearcher newSearcher(int kMax) {
        if (kMax < 1) {
            throw new IllegalArgumentException("kMax must be positive: kMax=" + kMax);
        }
        return new LiveSearcher(this, epochs.newMark(), kMax);
    }

    /**
     * The writer; there is one at a time.
     *
     * @throws IllegalStateException when there is one that is not closed.
     */
    public VectorAppender appender() {
        if (!hasAppender.compareAndSet(false, true)) {
            throw new IllegalStateException("the index has an appender: close it first");
        }
        return new VectorAppender(this);
    }

    void forgetAppender() {
        hasAppender.set(false);
    }

    /** A filter for the current version, of the rows whose ids pass. */
    public RowFilter filter(LongPredicate passes) {
        try (LiveSearcher reader = newSearcher(1)) {
            IndexVersion version = reader.enter();
            try {
                int rows = version.rowCount();
                RowFilter filter = new RowFilter(rows, version.number);
                for (int row = 0; row < rows; row++) {
                    if (!passes.test(version.id(row))) {
                        filter.clear(row);
                    }
                }
                return filter;
            } finally {
                reader.leave();
            }
        }
    }

    /** The current version's number; each merge makes the next. */
    public long version() {
        return open().number;
    }

    /** Rows there are. */
    public int count() {
        return open().count();
    }

    /** Rows that came or changed since the current version was built, and that were there and are gone or changed. */
    public int changedCount() {
        IndexVersion version = open();
        return 2 * version.tail.count() + version.index.count - version.count();
    }

    /** Bytes that the current version holds. */
    public long length() {
        return open().length();
    }

    /** Whether a merge runs. */
    public boolean isMerging() {
        return merger != null;
    }

    @Nullable
    IndexVersion current() {
        return current;
    }

    private IndexVersion open() {
        IndexVersion version = current;
        if (version == null) {
            throw new IllegalStateException("the index is closed");
        }
        return version;
    }

    /** Puts a row there or, when {@code isNew} is not what it is, refuses. */
    void put(long id, float[] vector, boolean isNew) {
        lock.lock();
        try {
            while (isMerging && isTailFull(open())) {
                mergeEnded.awaitUninterruptibly();
            }
            IndexVersion version = open();
            boolean isThere = version.row(id) >= 0;
            if (isThere == isNew) {
                throw new IllegalArgumentException(
                        isNew ? "there is a row with this id: id=" + id : "there is no row with this id: id=" + id);
            }
            version.check(vector);
            if (log != null) {
                log.put(id, vector);
            }
            int row = version.put(id, vector);
            changed(version, id, row);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    private boolean isTailFull(IndexVersion version) {
        return version.tail.count()
                >= Math.max((long) TAIL_MERGES_MAX * options.mergeCount(), (long) TAIL_SHARE_MAX * version.index.count);
    }

    boolean delete(long id) {
        lock.lock();
        try {
            IndexVersion version = open();
            if (version.row(id) < 0) {
                return false;
            }
            if (log != null) {
                log.delete(id);
            }
            version.delete(id);
            changed(version, id, -1);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    void force() {
        lock.lock();
        try {
            open();
            if (log != null) {
                log.force();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    /** Versions that can be gone back to, rising; the last is the current one. */
    public List<Long> versions() {
        if (store == null) {
            return List.of(version());
        }
        try {
            return store.versions();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link VectorAppender#rollback}. */
    long rollback(long to) throws IOException, InterruptedException {
        if (store == null) {
            throw new IllegalStateException("versions are kept in a folder only");
        }
        if (!store.versions().contains(to)) {
            throw new IllegalArgumentException("there is no such version: version=" + to + ", versions=" + versions());
        }
        lock.lock();
        try {
            while (isMerging) {
                mergeEnded.await();
            }
            long number = open().number + 1;
            IndexVersion next = new IndexVersion(number, store.read(to));
            boolean isCurrent = false;
            try {
                store.copy(to, number);
                ChangeLog newLog = store.newChanges(number, next.index.dimension);
                store.commit(number, newLog);
                isCurrent = true;
                install(next, newLog);
            } finally {
                if (!isCurrent) {
                    next.close();
                    store.discard(number);
                }
            }
            store.keep(options.versionsKept());
            reclaim();
            return number;
        } finally {
            lock.unlock();
        }
    }

    /** Makes a version the current one; the lock is held. */
    private void install(IndexVersion next, @Nullable ChangeLog newLog) throws IOException {
        IndexVersion before = open();
        settling = 0;
        current = next;
        retired.addLast(new Retired(before, epochs.next()));
        ChangeLog oldLog = log;
        log = newLog;
        if (oldLog != null) {
            oldLog.close();
        }
    }

    boolean contains(long id) {
        lock.lock();
        try {
            return open().row(id) >= 0;
        } finally {
            lock.unlock();
        }
    }

    private void changed(IndexVersion version, long id, int tailRow) {
        if (isMerging) {
            changes.addLong(id);
            changes.addLong(tailRow);
        }
        reclaim();
        int gone = version.index.count + version.tail.count() - version.count();
        if (!isMerging
                && version.count() > 0
                && version.tail.count() + gone
                        > patience * Math.max(options.mergeCount(), options.mergeShare() * version.index.count)) {
            startMerge(version);
        }
    }

    /** Settles and frees what no search under way can see any more. */
    private void reclaim() {
        IndexVersion version = current;
        if (version != null) {
            if (settling > 0 && epochs.isPassed(settlingEpoch)) {
                version.settle(settling);
                settling = 0;
            }
            if (settling == 0 && version.tail.settled() < version.tail.count()) {
                settling = version.tail.count();
                settlingEpoch = epochs.next();
            }
        }
        while (!retired.isEmpty() && epochs.isPassed(retired.getFirst().epoch())) {
            retired.removeFirst().version().close();
        }
    }

    /** Begins a merge unless one runs; false then, and when there is no row. */
    boolean merge() {
        lock.lock();
        try {
            IndexVersion version = open();
            if (isMerging || version.count() == 0) {
                return false;
            }
            startMerge(version);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void startMerge(IndexVersion version) {
        isMerging = true;
        mergeFailure = null;
        changes.clear();
        RowSource rows = version.rows();
        Thread thread = Thread.ofPlatform().daemon().name("index-merge").unstarted(() -> merge(version, rows));
        merger = thread;
        thread.start();
    }

    private void merge(IndexVersion version, RowSource rows) {
        IndexVersion next = null;
        ChangeLog newLog = null;
        BackgroundThread.lowerPriority();
        try {
            next = version(version.number + 1, rows, version.index.dimension, version.index.similarity, options);
            if (store != null) {
                store.write(next.number, next.index, options.threads());
                newLog = store.newChanges(next.number, next.index.dimension);
            }
            CatchUp catchUp = new CatchUp(version, next, newLog);
            while (!catchUp.isCurrent()) {
                catchUp.step();
            }
            next = null;
            newLog = null;
            patience = 1;
            if (store != null) {
                store.keep(options.versionsKept());
            }
            reclaimAll();
        } catch (InterruptedBuildException e) {
            // The index is being closed.
        } catch (IOException e) {
            mergeFailure = new UncheckedIOException(e);
        } catch (RuntimeException e) {
            mergeFailure = e;
        } catch (OutOfMemoryError e) {
            mergeFailure = new IllegalStateException("no memory for the merge: " + e.getMessage(), e);
        } finally {
            discard(next, newLog);
            lock.lock();
            try {
                patience = mergeFailure == null ? patience : Math.min(2 * patience, PATIENCE_MAX);
                isMerging = false;
                merger = null;
                changes.clear();
                mergeEnded.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void discard(@Nullable IndexVersion next, @Nullable ChangeLog newLog) {
        if (next == null) {
            return;
        }
        next.close();
        try {
            if (newLog != null) {
                newLog.close();
            }
            if (store != null) {
                store.discard(next.number);
            }
        } catch (IOException e) {
            // What is left means nothing without its index file.
            mergeFailure = mergeFailure == null ? new UncheckedIOException(e) : mergeFailure;
        }
    }

    /** Makes the changes since a merge began in the new version too, and makes it the current one. On the merge's thread. */
    private final class CatchUp {
        private final IndexVersion version;
        private final IndexVersion next;
        private final @Nullable ChangeLog newLog;
        private final float[] vector;
        private int done;
        private int leftBefore = Integer.MAX_VALUE;
        private boolean isCurrent;

        CatchUp(IndexVersion version, IndexVersion next, @Nullable ChangeLog newLog) {
            this.version = version;
            this.next = next;
            this.newLog = newLog;
            this.vector = new float[version.index.dimension];
        }

        boolean isCurrent() {
            return isCurrent;
        }

        /** A batch of changes; the writer waits for it when it was faster than this since the last one, or when it is the last. */
        void step() throws IOException {
            long[] batch;
            lock.lock();
            try {
                if (current != version) {
                    throw new InterruptedBuildException(new InterruptedException("the index was closed"));
                }
                int left = changes.size() / 2 - done;
                batch = new long[2 * Math.min(left, BATCH)];
                for (int i = 0; i < batch.length; i++) {
                    batch[i] = changes.getLong(2 * done + i);
                }
                done += batch.length / 2;
                boolean isLast = left <= CATCH_UP;
                if (isLast || left >= leftBefore) {
                    repeat(batch);
                    batch = new long[0];
                }
                leftBefore = left;
                if (isLast) {
                    next.settle(next.tail.count());
                    if (store != null && newLog != null) {
                        store.commit(next.number, newLog);
                    }
                    isCurrent = true;
                    install(next, newLog);
                    mergeEnded.signalAll();
                }
            } finally {
                lock.unlock();
            }
            repeat(batch);
        }

        private void repeat(long[] batch) throws IOException {
            for (int i = 0; i < batch.length; i += 2) {
                int tailRow = (int) batch[i + 1];
                if (tailRow < 0) {
                    next.delete(batch[i]);
                    if (newLog != null) {
                        newLog.delete(batch[i]);
                    }
                } else {
                    version.copyRow(version.index.count + tailRow, vector);
                    next.put(batch[i], vector);
                    if (newLog != null) {
                        newLog.put(batch[i], vector);
                    }
                }
            }
        }
    }

    /** Waits for the searches that still read what was retired. */
    private void reclaimAll() {
        while (true) {
            lock.lock();
            try {
                reclaim();
                if (retired.isEmpty()) {
                    return;
                }
            } finally {
                lock.unlock();
            }
            LockSupport.parkNanos(RECLAIM_INTERVAL_NS);
        }
    }

    /**
     * Waits for the merge that runs, if any.
     *
     * @throws IllegalStateException with its cause, when the last merge failed; the version that was there goes on.
     */
    void awaitMerge() throws InterruptedException {
        Thread running = merger;
        if (running != null) {
            running.join();
        }
        RuntimeException failure = mergeFailure;
        if (failure != null) {
            throw new IllegalStateException("the merge failed, the version before it goes on: " + failure, failure);
        }
    }

    /** Ends a merge that runs and frees all memory when the searches under way have ended; later ones are refused. */
    @Override
    public void close() {
        Thread running = merger;
        lock.lock();
        try {
            IndexVersion version = current;
            current = null;
            if (version != null) {
                retired.addLast(new Retired(version, epochs.next()));
            }
        } finally {
            lock.unlock();
        }
        if (running != null) {
            running.interrupt();
        }
        boolean isInterrupted = false;
        while (running != null && running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        reclaimAll();
        closeFiles();
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeFiles() {
        lock.lock();
        try {
            if (log != null) {
                log.force();
                log.close();
                log = null;
            }
            if (store != null) {
                store.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }
}
