package rondo.ann.partitioned;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The versions of an index in a folder, for one process at a time.
 *
 * <pre>
 * LOCK            held while it is open
 * &lt;n&gt;.index       version n as it was built; the newest one is current from the moment it is there
 * &lt;n&gt;.changes     what changed since, complete before &lt;n&gt;.index is there
 * &lt;n&gt;.building    what becomes &lt;n&gt;.index; left by a process that died, it means nothing
 * </pre>
 */
final class VersionStore implements AutoCloseable {
    private static final String INDEX = ".index";
    private static final String CHANGES = ".changes";
    private static final String BUILDING = ".building";

    private final Path folder;
    private final FileChannel lockChannel;

    private VersionStore(Path folder, FileChannel lockChannel) {
        this.folder = folder;
        this.lockChannel = lockChannel;
    }

    /** @throws IOException when another process has it open, or this one. */
    static VersionStore open(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // As when another process has it.
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw new IOException(folder + ": the index is open already: one process at a time may change it");
        }
        return new VersionStore(folder, channel);
    }

    /** Versions there are, rising. */
    List<Long> versions() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.matches("[1-9]\\d{0,17}\\" + INDEX))
                    .map(name -> Long.valueOf(name.substring(0, name.length() - INDEX.length())))
                    .sorted()
                    .toList();
        }
    }

    private Path file(long version, String what) {
        return folder.resolve(version + what);
    }

    PartitionedVectorIndex read(long version) throws IOException {
        return PartitionedVectorIndex.open(file(version, INDEX));
    }

    /** Writes a version that does not count until {@link #commit}. */
    void write(long version, PartitionedVectorIndex index, int threads) throws IOException {
        index.save(file(version, BUILDING), threads);
    }

    /** Takes another version as a new one, which does not count until {@link #commit}. */
    void copy(long from, long version) throws IOException {
        Files.copy(file(from, INDEX), file(version, BUILDING), StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(file(version, BUILDING), StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    ChangeLog newChanges(long version, int dimension) throws IOException {
        return ChangeLog.create(file(version, CHANGES), dimension);
    }

    ChangeLog changes(long version, int dimension, ChangeLog.Changes to) throws IOException {
        return ChangeLog.resume(file(version, CHANGES), dimension, to);
    }

    /** Makes a version the newest. */
    void commit(long version, ChangeLog changes) throws IOException {
        changes.force();
        Files.move(file(version, BUILDING), file(version, INDEX), StandardCopyOption.ATOMIC_MOVE);
        force();
    }

    /** Deletes all but the newest versions. */
    void keep(int newest) throws IOException {
        List<Long> versions = versions();
        for (long version : versions.subList(0, Math.max(0, versions.size() - newest))) {
            // The index first: without it the changes mean nothing.
            Files.deleteIfExists(file(version, INDEX));
            Files.deleteIfExists(file(version, CHANGES));
        }
    }

    /** Deletes a version that did not become current. */
    void discard(long version) throws IOException {
        Files.deleteIfExists(file(version, INDEX));
        Files.deleteIfExists(file(version, BUILDING));
        Files.deleteIfExists(file(version, CHANGES));
    }

    private void force() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }
}
