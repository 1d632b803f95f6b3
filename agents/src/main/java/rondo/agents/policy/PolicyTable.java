package rondo.agents.policy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.ann.HotPath;

/**
 * The policy block in force for every agent and segment, and which kinds are agents: the others are functions that play their static action.
 *
 * <pre>
 * field      written by   mode       read by            mode
 * blocks     learner      release    decision threads   acquire
 * promoted   learner      volatile   decision threads   volatile, once a request
 * </pre>
 */
public final class PolicyTable {
    private static final VarHandle BLOCK = MethodHandles.arrayElementVarHandle(PolicyBlock[].class);

    private final PolicyBlock[] blocks = new PolicyBlock[AgentKind.COUNT * Segment.COUNT];
    private final DecisionSpace[] spaces;
    private final Consumer<PolicyBlock> onPublish;
    private volatile int promoted;

    /**
     * Every policy at its start.
     *
     * @param spaces decision spaces by agent code.
     * @param floor  exploration floor, in [0, 1].
     */
    public PolicyTable(DecisionSpace[] spaces, double floor) {
        this(spaces, floor, block -> {});
    }

    /** As above; {@code onPublish} sees every later block on the learner's thread before it is in force, and must be cheap. */
    public PolicyTable(DecisionSpace[] spaces, double floor, Consumer<PolicyBlock> onPublish) {
        this.onPublish = onPublish;
        this.spaces = spaces.clone();
        for (AgentKind kind : AgentKind.values()) {
            DecisionSpace space = spaces[kind.code()];
            for (int segment = 0; segment < Segment.COUNT; segment++) {
                blocks[index(kind, segment)] =
                        PolicyBlock.initial(kind, segment, space.size(), space.staticAction(), floor);
            }
        }
    }

    private static int index(AgentKind kind, int segment) {
        return kind.code() * Segment.COUNT + segment;
    }

    /** The kinds that are agents now, as bits of their codes. Any thread; a request reads it once and keeps it. */
    @HotPath
    public int promoted() {
        return promoted;
    }

    /** True when the kind is an agent now. */
    public boolean isPromoted(AgentKind kind) {
        return (promoted >>> kind.code() & 1) != 0;
    }

    /** Makes a kind an agent, or a function again. Learner thread only. */
    public void promote(AgentKind kind, boolean isAgent) {
        int others = promoted & ~(1 << kind.code());
        promoted = isAgent ? others | 1 << kind.code() : others;
    }

    /** What the agent may choose from. */
    public DecisionSpace space(AgentKind kind) {
        return spaces[kind.code()];
    }

    /** The block in force. Any thread; never null; costs one acquire load. */
    @HotPath
    public PolicyBlock current(AgentKind kind, int segment) {
        return (PolicyBlock) BLOCK.getAcquire(blocks, index(kind, segment));
    }

    /** Puts {@code next} in force. Learner thread only. */
    public void publish(PolicyBlock next) {
        onPublish.accept(next);
        // Release: the block's array was filled with plain writes and must be visible before the reference; read by
        // current().
        BLOCK.setRelease(blocks, index(next.kind(), next.segment()), next);
    }
}
