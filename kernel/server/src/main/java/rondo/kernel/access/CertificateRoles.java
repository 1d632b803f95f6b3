package rondo.kernel.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which roles the names in certificates have: a file of lines {@code edge-1.example.org = serve, outcome}; empty lines and what follows a {@code #} say nothing. Who
 * does not stand in it has none.
 */
public final class CertificateRoles {
    /** Kinds of a subject's alternative names: DNS and URI (RFC 5280, 4.2.1.6). */
    private static final Set<Integer> KINDS = Set.of(2, 6);

    private CertificateRoles() {}

    /** @throws IOException naming the line that cannot be understood. */
    public static Map<String, Set<Role>> read(Path file) throws IOException {
        Map<String, Set<Role>> roles = new HashMap<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String text = line.contains("#") ? line.substring(0, line.indexOf('#')) : line;
            if (text.isBlank()) {
                continue;
            }
            String[] sides = text.split("=", 2);
            String name = sides[0].strip();
            if (sides.length < 2 || name.isEmpty()) {
                throw new IOException(file + ":" + number + ": a line is NAME = ROLE, ROLE: line=" + line);
            }
            try {
                if (roles.put(name, Role.parse(sides[1].strip())) != null) {
                    throw new IOException(file + ":" + number + ": a name stands twice: name=" + name);
                }
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ":" + number + ": " + e.getMessage(), e);
            }
        }
        return roles;
    }

    /** The names in a certificate by which it may have roles, DNS and URI. */
    public static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> one : alternatives) {
                    if (one.get(0) instanceof Integer kind && KINDS.contains(kind)) {
                        names.add(String.valueOf(one.get(1)));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            // Names that nobody can read are none.
        }
        return names;
    }
}
