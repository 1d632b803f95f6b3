package rondo.kernel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import rondo.client.tls.TlsContexts;
import rondo.kernel.access.CertificateRoles;
import rondo.kernel.access.Principals;
import rondo.kernel.access.Role;
import rondo.kernel.access.Transport;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.transport.DoorConfig;
import rondo.kernel.transport.DoorLimits;

/** Reads what the settings say about the door, and refuses what would let strangers in. */
final class DoorSettings {
    private DoorSettings() {}

    /** @throws IOException with one clear sentence. */
    static DoorConfig of(Config config, long spinNs) throws IOException {
        SSLContext tls = tls(config);
        Map<String, Set<Role>> certificates =
                tls == null ? Map.of() : CertificateRoles.read(Path.of(config.text(Setting.TLS_ROLES)));
        Map<Transport, Set<Role>> roles = Map.of(
                Transport.UNIX, roles(config, Setting.UNIX_ROLES), Transport.TCP, roles(config, Setting.TCP_ROLES));
        return new DoorConfig(
                spinNs,
                DoorLimits.of((int) config.whole(Setting.TCP_CONNECTIONS_MAX), config.whole(Setting.CLIENT_IDLE_MS)),
                new Principals(
                        roles,
                        certificates,
                        (int) config.whole(Setting.CLIENT_CONNECTIONS_MAX),
                        config.whole(Setting.CLIENT_REQUESTS_PER_SECOND)),
                unixPath(config.text(Setting.UNIX_PATH)),
                sharedBase(config.text(Setting.SHM_DIRECTORY)),
                tls,
                (int) config.whole(Setting.TLS_HANDSHAKES_PER_SECOND));
    }

    /** The roles that a setting names. */
    static Set<Role> roles(Config config, Setting setting) throws IOException {
        try {
            return Role.parse(config.text(setting));
        } catch (IllegalArgumentException e) {
            throw new IOException(config.origin(setting) + ": " + setting.path() + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable SSLContext tls(Config config) throws IOException {
        String certificate = config.text(Setting.TLS_CERTIFICATE);
        if (!certificate.equals(Setting.TLS_CERTIFICATE.defaultText())) {
            for (Setting other : new Setting[] {Setting.TLS_KEY, Setting.TLS_AUTHORITIES, Setting.TLS_ROLES}) {
                if (config.text(other).equals(other.defaultText())) {
                    throw new IOException(other.path() + " must be set where tls.certificate is");
                }
            }
            return TlsContexts.of(
                    Path.of(certificate),
                    Path.of(config.text(Setting.TLS_KEY)),
                    Path.of(config.text(Setting.TLS_AUTHORITIES)));
        }
        String host = config.text(Setting.TCP_HOST);
        if (!isOfThisHost(host)) {
            throw new IOException("tcp.host=" + host + " can be reached from other hosts, which takes certificates on"
                    + " either side: set tls.certificate, tls.key, tls.authorities and tls.roles, or tcp.host to"
                    + " 127.0.0.1");
        }
        return null;
    }

    private static boolean isOfThisHost(String host) throws IOException {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!address.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            throw new IOException("tcp.host is no address: host=" + host, e);
        }
    }

    private static @Nullable Path unixPath(String path) {
        return path.equals("off") ? null : Path.of(path);
    }

    /** Where shared memory is made; null when there is to be none, or the host has no such folder and nobody asked for another. */
    private static @Nullable Path sharedBase(String folder) throws IOException {
        if (folder.equals("off")) {
            return null;
        }
        Path base = Path.of(folder);
        if (Files.isDirectory(base) && Files.isWritable(base)) {
            return base;
        }
        if (folder.equals(Setting.SHM_DIRECTORY.defaultText())) {
            return null;
        }
        throw new IOException("shm.directory is no folder that can be written to: folder=" + base);
    }
}
