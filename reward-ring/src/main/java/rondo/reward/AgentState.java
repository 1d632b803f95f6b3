package rondo.reward;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import rondo.agents.policy.ChangePointThompson;
import rondo.agents.policy.PolicyBlock;

/**
 * What one agent holds for one segment: the policy block in force and the beliefs behind it. Equal states have equal bytes.
 *
 * <pre>
 * little endian
 *  0  policyVersion  int64
 *  8  outcomeCount   int64    rewards learnt from
 * 16  actionCount    int32
 * 20  probabilities  float32 × actionCount
 *  …  beliefs        as {@link ChangePointThompson#write} leaves them
 * </pre>
 */
public final class AgentState {
    private static final int HEADER_LENGTH = 20;

    /** An action is a byte in the record of its decision. */
    private static final int ACTIONS_MAX = 256;

    private final long policyVersion;
    private final long outcomeCount;
    private final float[] probabilities;
    private final int beliefsCrc32c;

    private AgentState(long policyVersion, long outcomeCount, float[] probabilities, int beliefsCrc32c) {
        this.policyVersion = policyVersion;
        this.outcomeCount = outcomeCount;
        this.probabilities = probabilities;
        this.beliefsCrc32c = beliefsCrc32c;
    }

    /** Version of the policy block in force. */
    public long policyVersion() {
        return policyVersion;
    }

    /** Rewards learnt from. */
    public long outcomeCount() {
        return outcomeCount;
    }

    public int actionCount() {
        return probabilities.length;
    }

    /** Probability of an action in the block. */
    public float probability(int action) {
        return probabilities[action];
    }

    /** Checksum of the beliefs, to compare two states by. */
    public int beliefsCrc32c() {
        return beliefsCrc32c;
    }

    static int length(int actionCount, int beliefsLength) {
        return HEADER_LENGTH + actionCount * Float.BYTES + beliefsLength;
    }

    static ByteBuffer encode(PolicyBlock block, ChangePointThompson beliefs) {
        int actionCount = block.actionCount();
        ByteBuffer out = ByteBuffer.allocate(length(actionCount, ChangePointThompson.encodedLength(actionCount)))
                .order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(block.version()).putLong(beliefs.steps()).putInt(actionCount);
        for (int action = 0; action < actionCount; action++) {
            out.putFloat(block.probability(action));
        }
        beliefs.write(out);
        return out.flip();
    }

    /**
     * Reads a state.
     *
     * @throws IllegalArgumentException when the bytes cannot be one.
     */
    public static AgentState decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int actionCount = in.remaining() < HEADER_LENGTH ? -1 : in.getInt(in.position() + 16);
        if (actionCount < 1
                || actionCount > ACTIONS_MAX
                || in.remaining() != length(actionCount, ChangePointThompson.encodedLength(actionCount))) {
            throw new IllegalArgumentException(
                    "the bytes hold no agent state: length=" + in.remaining() + ", actionCount=" + actionCount);
        }
        long version = in.getLong();
        long outcomes = in.getLong();
        in.getInt();
        float[] probabilities = new float[actionCount];
        for (int action = 0; action < actionCount; action++) {
            probabilities[action] = in.getFloat();
        }
        CRC32C crc = new CRC32C();
        crc.update(in);
        return new AgentState(version, outcomes, probabilities, (int) crc.getValue());
    }
}
