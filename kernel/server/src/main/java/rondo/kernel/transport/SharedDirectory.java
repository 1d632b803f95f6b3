package rondo.kernel.transport;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The folder that this process makes shared memory in, which only its user can enter. It holds a file that is locked while the process lives: processes of
 * other containers may see the folder, but not the process.
 */
final class SharedDirectory implements AutoCloseable {
    private static final String PREFIX = "rondo-shm-";
    private static final String LOCK = "LOCK";

    private final Path folder;
    private final FileChannel lock;

    private SharedDirectory(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** Makes a folder below {@code base}, and deletes those of processes that are no more. */
    static SharedDirectory below(Path base) throws IOException {
        String own = PREFIX + ProcessHandle.current().pid() + "-";
        deleteLeftOvers(base, own);
        Path folder = Files.createTempDirectory(
                base, own, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileChannel lock =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            lock.lock();
            return new SharedDirectory(folder, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            delete(folder);
            throw e;
        }
    }

    /** @param own how this process's folders begin: to open and close a file that it has locked would end the lock. */
    private static void deleteLeftOvers(Path base, String own) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(base, PREFIX + "*")) {
            for (Path one : folders) {
                if (!one.getFileName().toString().startsWith(own) && isLeft(one)) {
                    delete(one);
                }
            }
        }
    }

    private static boolean isLeft(Path folder) {
        try (FileChannel lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE)) {
            return lock.tryLock() != null;
        } catch (IOException e) {
            // Another user's, or one that is being made.
            return false;
        }
    }

    private static void delete(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // Somebody else is deleting it.
        }
    }

    Path file(long id) {
        return folder.resolve(id + ".shm");
    }

    @Override
    public void close() throws IOException {
        delete(folder);
        lock.close();
    }
}
