package rondo.client.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Makes TLS contexts out of PEM files, as certificate authorities hand them out. */
public final class TlsContexts {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    private TlsContexts() {}

    /**
     * A context that shows a certificate and believes some authorities and nobody else.
     *
     * @param certificate own certificate, and those between it and its authority, in this order.
     * @param key         its private key, PKCS #8, not encrypted.
     * @param authorities certificates of those whose signature the other side's certificate must bear.
     * @throws IOException naming the file that cannot be read, and why.
     */
    public static SSLContext of(Path certificate, Path key, Path authorities) throws IOException {
        Certificate[] chain = certificates(certificate).toArray(new Certificate[0]);
        PrivateKey secret = privateKey(key);
        try {
            KeyStore own = empty();
            char[] noPassword = new char[0];
            own.setKeyEntry("own", secret, noPassword, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, noPassword);
            KeyStore trusted = empty();
            int count = 0;
            for (Certificate authority : certificates(authorities)) {
                trusted.setCertificateEntry("authority-" + count++, authority);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "no TLS context can be made of these files: certificate=" + certificate + ", key=" + key
                            + ", authorities=" + authorities + ": " + e.getMessage(),
                    e);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (all.isEmpty()) {
                throw new IOException("no certificate stands in this file: file=" + file);
            }
            return all;
        } catch (GeneralSecurityException e) {
            throw new IOException("not certificates in PEM: file=" + file + ": " + e.getMessage(), e);
        }
    }

    private static PrivateKey privateKey(Path file) throws IOException {
        Matcher pem = KEY.matcher(Files.readString(file));
        if (!pem.find()) {
            throw new IOException("no private key in PEM, PKCS #8 and not encrypted, stands in this file: file=" + file
                    + "; openssl pkcs8 -topk8 -nocrypt makes one");
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // Then it is of another algorithm.
            } catch (GeneralSecurityException e) {
                throw new IOException("this JVM knows no " + algorithm + " keys: file=" + file, e);
            }
        }
        throw new IOException(
                "a private key of none of these algorithms: algorithms=" + KEY_ALGORITHMS + ", file=" + file);
    }
}
