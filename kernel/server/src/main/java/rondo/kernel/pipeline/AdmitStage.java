package rondo.kernel.pipeline;

import java.util.function.Supplier;
import rondo.agents.AgentKind;
import rondo.agents.Segment;
import rondo.agents.traffic.Composition;
import rondo.agents.traffic.TrafficAgent;
import rondo.ann.HotPath;
import rondo.wire.Level;

/** Decodes a request, pins the serving state into its slot, finds the segment and lets traffic and strategy choose. */
final class AdmitStage implements Stage {
    private final RequestDecoder decoder;
    private final Deciding deciding;
    private final TrafficAgent agent;
    private final CircuitBreaker breaker;
    private final Supplier<ServingState> states;

    AdmitStage(
            PipelineConfig config,
            Deciding deciding,
            TrafficAgent agent,
            CircuitBreaker breaker,
            Supplier<ServingState> states) {
        this.decoder = new RequestDecoder(config.deadlineNs(), true);
        this.deciding = deciding;
        this.agent = agent;
        this.breaker = breaker;
        this.states = states;
    }

    @Override
    @HotPath
    public void process(RequestSlot slot) {
        slot.clear();
        deciding.clear(slot);
        ServingState state = states.get();
        slot.state = state;
        if (!decoder.decode(slot, state)) {
            return;
        }
        int historySize = state.sources().audience().historySize(slot.userId);
        slot.isColdUser = historySize == 0;
        slot.segment = Segment.of(slot.segment, historySize);
        if (!slot.isStatic && agent.isHeldBack(slot.userId)) {
            slot.isStatic = true;
            slot.isStaticArm = true;
        }
        if (!slot.isStatic && slot.pinnedRoute < 0) {
            // The time at the door: it never goes back, and costs no look at the clock.
            slot.breakerEpoch = breaker.admit(slot.receivedNs);
            if (slot.breakerEpoch == CircuitBreaker.BYPASS) {
                slot.isStatic = true;
                slot.hasAgentFailed = true;
                slot.level = Level.STATIC;
            }
        }
        slot.composition = Composition.ofCode(deciding.draw(AgentKind.TRAFFIC, slot));
        deciding.draw(AgentKind.STRATEGY, slot);
    }
}
