package rondo.agents.closure;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Everything that was measured, as one hash: big endian, doubles by their bits with one NaN, texts with their length before them. */
final class Evidence {
    private final MessageDigest digest;
    private final byte[] bytes = new byte[Long.BYTES];

    Evidence() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    Evidence add(long value) {
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[i] = (byte) (value >>> (8 * (Long.BYTES - 1 - i)));
        }
        digest.update(bytes);
        return this;
    }

    Evidence add(double value) {
        // Zero has two signs and one meaning.
        return add(Double.doubleToLongBits(value == 0 ? 0.0 : value));
    }

    Evidence add(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        add(utf8.length);
        digest.update(utf8);
        return this;
    }

    String hash() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
