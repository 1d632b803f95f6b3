package rondo.kernel.transport;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The folder that this process makes shared memory in, which only its user can enter. */
final class SharedDirectory implements AutoCloseable {
    private static final String PREFIX = "rondo-shm-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})-.*");

    private final Path folder;

    private SharedDirectory(Path folder) {
        this.folder = folder;
    }

    /** Makes a folder below {@code base}, and deletes those that processes left which are no more. */
    static SharedDirectory below(Path base) throws IOException {
        deleteLeftOvers(base);
        return new SharedDirectory(Files.createTempDirectory(
                base,
                PREFIX + ProcessHandle.current().pid() + "-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    }

    private static void deleteLeftOvers(Path base) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(base, PREFIX + "*")) {
            for (Path one : folders) {
                Matcher name = NAME.matcher(one.getFileName().toString());
                if (name.matches()
                        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
                    delete(one);
                }
            }
        }
    }

    private static void delete(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // Another user's, or somebody else is deleting it.
        }
    }

    Path file(long id) {
        return folder.resolve(id + ".shm");
    }

    @Override
    public void close() {
        delete(folder);
    }
}
