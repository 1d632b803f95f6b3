package rondo.jmh.micro;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import rondo.kernel.orchestration.TokenMint;

/** Question: what does the decision token of a slate cost? Baseline: the JDK's own HMAC-SHA256 over as many bytes. */
@State(Scope.Thread)
public class TokenMinting {
    private static final int SIGNED_LENGTH = 24;
    private static final int MAC_LENGTH = 32;

    private final byte[] key = new byte[32];
    private final TokenMint mint = new TokenMint(key);
    private final UnsafeBuffer token = new UnsafeBuffer(new byte[TokenMint.LENGTH]);
    private final Mac mac = newMac(key);
    private final byte[] signed = new byte[SIGNED_LENGTH];
    private final byte[] code = new byte[MAC_LENGTH];
    private long decisionId;

    private static Mac newMac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** A whole token. */
    @Benchmark
    public UnsafeBuffer mint() {
        mint.mint(decisionId++, 42, 1_000_000_000_000L, token, 0);
        return token;
    }

    /** The baseline. */
    @Benchmark
    public byte[] baselineJdkMac() throws GeneralSecurityException {
        signed[0]++;
        mac.update(signed);
        mac.doFinal(code, 0);
        return code;
    }
}
