package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import rondo.client.tls.TlsContexts;

/** Certificates as an authority hands them out, in PEM files: made by the JDK's keytool. */
final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private final Path directory;

    private TestCertificates(Path directory) {
        this.directory = directory;
    }

    /** An authority, a server for 127.0.0.1 and a client {@code edge-1.example.org} of it, and a client of another authority. */
    static TestCertificates make(Path directory) throws Exception {
        TestCertificates all = new TestCertificates(directory);
        all.keytool("ca", "-ext", "bc:c");
        all.keytool("server", "-signer", "ca", "-ext", "san=ip:127.0.0.1");
        all.keytool("client", "-signer", "ca", "-ext", "san=dns:edge-1.example.org");
        all.keytool("otherca", "-ext", "bc:c");
        all.keytool("stranger", "-signer", "otherca", "-ext", "san=dns:edge-1.example.org");
        for (String alias : List.of("ca", "server", "client", "stranger")) {
            all.export(alias);
        }
        return all;
    }

    private void keytool(String alias, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store().toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    private Path store() {
        return directory.resolve("store.p12");
    }

    private void export(String alias) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store())) {
            store.load(in, PASSWORD.toCharArray());
        }
        write(certificate(alias), "CERTIFICATE", store.getCertificate(alias).getEncoded());
        write(
                key(alias),
                "PRIVATE KEY",
                store.getKey(alias, PASSWORD.toCharArray()).getEncoded());
    }

    private static void write(Path file, String what, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(bytes);
        Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    Path certificate(String alias) {
        return directory.resolve(alias + ".pem");
    }

    Path key(String alias) {
        return directory.resolve(alias + ".key");
    }

    /** What somebody would connect with who believes the authority. */
    SSLContext context(String alias) throws IOException {
        return TlsContexts.of(certificate(alias), key(alias), certificate("ca"));
    }
}
