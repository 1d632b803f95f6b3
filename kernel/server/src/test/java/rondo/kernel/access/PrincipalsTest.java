package rondo.kernel.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrincipalsTest {
    private static final long S = 1_000_000_000L;

    @Test
    void shouldKnowWhoComesBackAndCountItsConnections() {
        Principals principals =
                new Principals(Map.of(Transport.TCP, Set.of(Role.SERVE)), Map.of("edge", Set.of(Role.OUTCOME)), 2, 10);
        Principal first = Objects.requireNonNull(principals.of(Transport.TCP, "127.0.0.1", 0));
        assertEquals(Set.of(Role.SERVE), first.roles());
        first.connected();
        first.connected();
        assertNull(principals.of(Transport.TCP, "127.0.0.1", 0), "two are enough");
        assertNotNull(principals.of(Transport.TCP, "127.0.0.2", 0), "of each");
        first.disconnected();
        assertSame(first, principals.of(Transport.TCP, "127.0.0.1", 0));
        assertEquals(
                Set.of(),
                Objects.requireNonNull(principals.of(Transport.UNIX, "root", 0)).roles());
        principals.of(Transport.UNIX, "edge", 0);
        assertNull(principals.ofCertificate(List.of("stranger"), 0));
        assertEquals(
                Set.of(Role.OUTCOME),
                Objects.requireNonNull(principals.ofCertificate(List.of("alias", "edge"), 0))
                        .roles());
    }

    @Test
    void shouldRememberAtMostSoManyOfThoseWhoLeft() {
        Principals principals = new Principals(Map.of(), Map.of(), 1, 1);
        Principal stays = Objects.requireNonNull(principals.of(Transport.TCP, "stays", 0));
        stays.connected();
        Principal left = Objects.requireNonNull(principals.of(Transport.TCP, "left", 0));
        assertEquals(0, left.take(0));
        for (int i = 0; i < 4_094; i++) {
            principals.of(Transport.TCP, "other " + i, 0);
        }
        assertSame(left, principals.of(Transport.TCP, "left", 0), "who comes back at once has no more than before");
        principals.of(Transport.TCP, "one too many", 0);
        assertTrue(principals.of(Transport.TCP, "left", 0) != left);
        assertNull(principals.of(Transport.TCP, "stays", 0), "who is there is never forgotten");
    }

    @Test
    void shouldGiveASecondsWorthAtOnceAndThenTheRate() {
        Principal principal = new Principal(Set.of(), 10, 5 * S);
        for (int i = 0; i < 10; i++) {
            assertEquals(0, principal.take(5 * S));
        }
        assertEquals(S / 10, principal.take(5 * S));
        assertEquals(S / 20, principal.take(5 * S + S / 20), "half of the way to the next");
        assertEquals(0, principal.take(5 * S + S / 10));
        assertTrue(principal.take(5 * S + S / 10) > 0);
        assertEquals(0, new Principal(Set.of(), 0, 0).take(0), "0 is any number");
    }

    @Test
    void shouldReadRolesByNameAndSayWhereItCannot(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("roles");
        Files.writeString(file, "# who may\nedge-1.example.org = serve, outcome\n\nspiffe://x/y = observe # looks\n");
        assertEquals(
                Map.of("edge-1.example.org", Set.of(Role.SERVE, Role.OUTCOME), "spiffe://x/y", Set.of(Role.OBSERVE)),
                CertificateRoles.read(file));
        for (String wrong : List.of("edge serve", "= serve", "a = root", "a = serve\na = serve")) {
            Files.writeString(file, "\n" + wrong + "\n");
            String message = String.valueOf(assertThrows(IOException.class, () -> CertificateRoles.read(file), wrong)
                    .getMessage());
            assertTrue(message.startsWith(file + ":" + (wrong.contains("\n") ? 3 : 2) + ": "), message);
        }
    }
}
