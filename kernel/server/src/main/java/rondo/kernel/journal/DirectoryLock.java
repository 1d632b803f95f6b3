package rondo.kernel.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One directory, one process: an exclusive lock on its {@code LOCK} file, held until closed or the process ends. */
public final class DirectoryLock implements AutoCloseable {
    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, making the directory when it is not there.
     *
     * @throws IOException with one clear sentence when another process holds it or the directory cannot be written.
     */
    public static DirectoryLock take(Path directory) throws IOException {
        FileChannel channel;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(directory.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("the data directory cannot be written: directory=" + directory, e);
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new DirectoryLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: the same answer.
        }
        channel.close();
        throw new IOException("the data directory is in use by another Rondo process: directory=" + directory);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
