package rondo.agents.policy;

import java.util.Arrays;
import rondo.agents.AgentKind;
import rondo.ann.HotPath;

/**
 * The rule that one agent decides by in one segment; immutable, so a reader that holds it sees action, propensity and version agree.
 */
public final class PolicyBlock {
    private final AgentKind kind;
    private final int segment;
    private final long version;
    private final float[] probabilities;
    private final double floor;
    private final int best;
    private final int checksum;

    PolicyBlock(AgentKind kind, int segment, long version, float[] probabilities, double floor) {
        this.kind = kind;
        this.segment = segment;
        this.version = version;
        this.probabilities = probabilities;
        this.floor = floor;
        int hash = 1;
        for (float probability : probabilities) {
            hash = 31 * hash + Float.floatToRawIntBits(probability);
        }
        this.checksum = hash;
        int top = 0;
        for (int a = 1; a < probabilities.length; a++) {
            if (probabilities[a] > probabilities[top]) {
                top = a;
            }
        }
        this.best = top;
    }

    /**
     * What a policy starts from: the static action, and the floor over all.
     *
     * @param floor share spread evenly over all actions, in [0, 1].
     */
    public static PolicyBlock initial(AgentKind kind, int segment, int actionCount, int staticAction, double floor) {
        float[] probabilities = new float[actionCount];
        Arrays.fill(probabilities, (float) (floor / actionCount));
        probabilities[staticAction] += (float) (1 - floor);
        return new PolicyBlock(kind, segment, 0, probabilities, floor);
    }

    PolicyBlock atVersion(long other) {
        return new PolicyBlock(kind, segment, other, probabilities, floor);
    }

    public AgentKind kind() {
        return kind;
    }

    public int segment() {
        return segment;
    }

    /** 0 at first, one more with each block. */
    public long version() {
        return version;
    }

    public int actionCount() {
        return probabilities.length;
    }

    /** Probability of an action when everything may explore. */
    public float probability(int action) {
        return probabilities[action];
    }

    /** The share of it that is spread evenly over all actions whatever the learner wants, in [0, 1]. */
    public double floor() {
        return floor;
    }

    /** A hash of all probabilities: a decision that carries it can be told from one that was made with any other block. */
    @HotPath
    public int checksum() {
        return checksum;
    }

    /** The likeliest action, the smallest among equals. */
    public int best() {
        return best;
    }

    /**
     * Draws an action: with probability {@code explorationShare} from the mixed policy, else the best action.
     *
     * @param uniform in [0, 1).
     */
    @HotPath
    public int draw(double uniform, float explorationShare) {
        double sum = 0;
        int last = probabilities.length - 1;
        for (int a = 0; a < last; a++) {
            sum += propensity(a, explorationShare);
            if (uniform < sum) {
                return a;
            }
        }
        return last;
    }

    /** The probability with which {@link #draw} returns {@code action}. */
    @HotPath
    public float propensity(int action, float explorationShare) {
        float mixed = explorationShare * probabilities[action];
        return action == best ? mixed + (1f - explorationShare) : mixed;
    }
}
