package rondo.kernel.orchestration;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.ann.HotPath;

/**
 * Makes and checks decision tokens: an outcome counts only for a slate that was served. A mint belongs to one thread and allocates nothing.
 *
 * <pre>
 * little endian
 *  0  keyId        uint32
 *  4  issuedAtSec  uint32   epoch
 *  8  decisionId   int64
 * 16  slateHash    int64
 * 24  mac          16 bytes   HMAC-SHA256 (RFC 2104) over bytes 0..23, first half
 * </pre>
 */
public final class TokenMint {
    /** Bytes of a token. */
    public static final int LENGTH = 40;

    private static final int SIGNED_LENGTH = 24;
    private static final int MAC_LENGTH = 16;
    private static final int BLOCK_LENGTH = 64;
    private static final int KEY_LENGTH = 32;
    private static final int KEY_ID = 1;

    private final MessageDigest digest;
    private final byte[] innerPad = new byte[BLOCK_LENGTH];
    private final byte[] outerPad = new byte[BLOCK_LENGTH];
    private final byte[] signed = new byte[SIGNED_LENGTH];
    private final byte[] hash = new byte[32];
    private final UnsafeBuffer signedView = new UnsafeBuffer(signed);

    /** @param key 32 secret bytes. */
    public TokenMint(byte[] key) {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        for (int i = 0; i < BLOCK_LENGTH; i++) {
            byte k = i < key.length ? key[i] : 0;
            innerPad[i] = (byte) (k ^ 0x36);
            outerPad[i] = (byte) (k ^ 0x5C);
        }
    }

    /** The directory's key; made, readable by its owner only, when there is none. */
    public static byte[] loadKey(Path directory) throws IOException {
        Path file = directory.resolve("token.key");
        if (!Files.exists(file)) {
            byte[] key = new byte[KEY_LENGTH];
            new SecureRandom().nextBytes(key);
            Path temporary = directory.resolve("token.key.tmp");
            Files.deleteIfExists(temporary);
            Files.createFile(
                    temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(temporary, key);
            Files.move(temporary, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        }
        byte[] key = Files.readAllBytes(file);
        if (key.length != KEY_LENGTH) {
            throw new IOException(file + ": is damaged: expected bytes=" + KEY_LENGTH + ", found=" + key.length);
        }
        return key;
    }

    /** Writes the token of a decision. */
    @HotPath
    public void mint(long decisionId, long slateHash, long nowMs, MutableDirectBuffer out, int offset) {
        signedView.putInt(0, KEY_ID, ByteOrder.LITTLE_ENDIAN);
        signedView.putInt(4, (int) (nowMs / 1000), ByteOrder.LITTLE_ENDIAN);
        signedView.putLong(8, decisionId, ByteOrder.LITTLE_ENDIAN);
        signedView.putLong(16, slateHash, ByteOrder.LITTLE_ENDIAN);
        sign();
        out.putBytes(offset, signed, 0, SIGNED_LENGTH);
        out.putBytes(offset + SIGNED_LENGTH, hash, 0, MAC_LENGTH);
    }

    /** True when this mint, or one with the same key, made the token. Takes the same time whatever differs. */
    @HotPath
    public boolean isGenuine(DirectBuffer token, int offset) {
        token.getBytes(offset, signed, 0, SIGNED_LENGTH);
        if (signedView.getInt(0, ByteOrder.LITTLE_ENDIAN) != KEY_ID) {
            return false;
        }
        sign();
        int difference = 0;
        for (int i = 0; i < MAC_LENGTH; i++) {
            difference |= hash[i] ^ token.getByte(offset + SIGNED_LENGTH + i);
        }
        return difference == 0;
    }

    /** The decision that a token names; to be believed only when it is genuine. */
    public static long decisionId(DirectBuffer token, int offset) {
        return token.getLong(offset + 8, ByteOrder.LITTLE_ENDIAN);
    }

    /** When it was made, epoch seconds. */
    public static long issuedAtSec(DirectBuffer token, int offset) {
        return token.getInt(offset + 4, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
    }

    private void sign() {
        try {
            digest.update(innerPad);
            digest.update(signed);
            digest.digest(hash, 0, hash.length);
            digest.update(outerPad);
            digest.update(hash);
            digest.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new IllegalStateException("the hash has room for a SHA-256", e);
        }
    }
}
