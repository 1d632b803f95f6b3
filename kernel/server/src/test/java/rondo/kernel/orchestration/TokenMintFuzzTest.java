package rondo.kernel.orchestration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterAll;

/**
 * Goal: a token is genuine when this key made it, and with any bit changed it is not. Method: the JDK's own HMAC-SHA256 as the oracle. An input is a token and
 * then a bit to change in the one that is minted from the token's fields.
 */
class TokenMintFuzzTest {
    private static final byte[] KEY = {1, 2, 3};
    private static final int KEY_ID = 1;
    private static final int SIGNED_LENGTH = 24;
    private static final long SEC_MAX = 0xFFFF_FFFFL;

    private static int genuineCount;
    private static int forgedCount;

    private final TokenMint mint = new TokenMint(KEY);
    private final Mac oracle = oracle();
    private final UnsafeBuffer minted = new UnsafeBuffer(new byte[TokenMint.LENGTH]);

    private static Mac oracle() {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @FuzzTest
    void shouldTakeItsOwnTokensAndNoOthers(byte[] input) {
        byte[] bytes = Arrays.copyOf(input, TokenMint.LENGTH + Short.BYTES);
        UnsafeBuffer token = new UnsafeBuffer(bytes, 0, TokenMint.LENGTH);
        boolean isGenuine = mint.isGenuine(token, 0);
        assertEquals(isOurs(bytes), isGenuine);
        if (isGenuine) {
            genuineCount++;
        } else {
            forgedCount++;
        }
        long issuedAtSec = TokenMint.issuedAtSec(token, 0);
        assertTrue(issuedAtSec >= 0 && issuedAtSec <= SEC_MAX, "issuedAtSec=" + issuedAtSec);

        long slateHash = token.getLong(16, ByteOrder.LITTLE_ENDIAN);
        mint.mint(TokenMint.decisionId(token, 0), slateHash, issuedAtSec * 1_000, minted, 0);
        assertTrue(mint.isGenuine(minted, 0));
        assertEquals(TokenMint.decisionId(token, 0), TokenMint.decisionId(minted, 0));
        assertEquals(issuedAtSec, TokenMint.issuedAtSec(minted, 0));
        int bit = (ByteBuffer.wrap(bytes).getShort(TokenMint.LENGTH) & 0xFFFF) % (8 * TokenMint.LENGTH);
        minted.putByte(bit >>> 3, (byte) (minted.getByte(bit >>> 3) ^ 1 << (bit & 7)));
        assertFalse(mint.isGenuine(minted, 0), "bit=" + bit);
    }

    private boolean isOurs(byte[] token) {
        oracle.update(token, 0, SIGNED_LENGTH);
        byte[] mac = oracle.doFinal();
        return ByteBuffer.wrap(token).order(ByteOrder.LITTLE_ENDIAN).getInt() == KEY_ID
                && Arrays.equals(mac, 0, TokenMint.LENGTH - SIGNED_LENGTH, token, SIGNED_LENGTH, TokenMint.LENGTH);
    }

    @AfterAll
    static void shouldHaveSeenBoth() {
        assertTrue(genuineCount > 0 && forgedCount > 0, "genuine=" + genuineCount + ", forged=" + forgedCount);
    }
}
