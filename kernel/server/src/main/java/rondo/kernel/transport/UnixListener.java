package rondo.kernel.transport;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A Unix-domain socket that is listened on, and its name in the file system. */
record UnixListener(Path path, ServerSocketChannel channel) implements AutoCloseable {
    private static final int BACKLOG = 512;

    /**
     * Listens; only this user can connect.
     *
     * @throws IOException with one clear sentence when somebody else listens there, or nobody can.
     */
    static UnixListener open(Path path) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
            deleteLeftOver(address);
            channel.bind(address, BACKLOG);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            channel.configureBlocking(false);
            return new UnixListener(path, channel);
        } catch (IOException e) {
            channel.close();
            throw new IOException(
                    "cannot listen on the Unix socket " + path + ": " + e.getMessage()
                            + "; set unix.path to another, at most about 100 bytes long, or to off",
                    e);
        }
    }

    /** Deletes the name of a socket that nobody listens on any more; anything else of that name stays, and binding fails. */
    private static void deleteLeftOver(UnixDomainSocketAddress address) throws IOException {
        Path path = address.getPath();
        if (!Files.exists(path) || Files.isRegularFile(path) || Files.isDirectory(path)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(address);
        } catch (IOException e) {
            Files.delete(path);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
    }
}
