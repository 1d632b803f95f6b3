package rondo.kernel;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import rondo.agents.AgentKind;
import rondo.agents.LocalReward;
import rondo.agents.closure.ClosureVerdict;
import rondo.agents.policy.PolicyTable;
import rondo.kernel.config.Setting;
import rondo.kernel.orchestration.Ledger;
import rondo.reward.RewardRing;
import rondo.reward.evolution.Promotion;
import rondo.reward.monitor.Alarm;
import rondo.reward.monitor.Signal;

/**
 * Who is an agent. The only way in leads through the closure gate, and is shut while rewards behave in a way that nobody has explained (requirement G8):
 * what would be learnt then about a new agent is worth nothing. The way out is always open. Every change is an event of the journal, with who asked for it, the hash of the evidence
 * and the version of the criteria.
 *
 * <p>{@link #begin} before the ledger has its thread, the rest from any thread afterwards; one examination at a time.
 */
final class Promotions {
    /** The agents of a new data directory. The other kinds are functions until somebody promotes them. */
    private static final Set<AgentKind> FIRST_AGENTS =
            Set.of(AgentKind.TRAFFIC, AgentKind.RETRIEVAL, AgentKind.RANKING, AgentKind.FILTER);

    private static final String AUTO = "auto";
    private static final long LEDGER_TIMEOUT_NS = 5_000_000_000L;
    private static final long LOOK_AGAIN_NS = 1_000_000;

    private final PolicyTable policies;
    private final RewardRing rewards;
    private final Ledger ledger;
    private final Function<Set<AgentKind>, Map<AgentKind, ClosureVerdict>> gate;
    private final LongSupplier epochMs;

    /** @param gate a verdict for each kind that it is asked about. */
    Promotions(
            PolicyTable policies,
            RewardRing rewards,
            Ledger ledger,
            Function<Set<AgentKind>, Map<AgentKind, ClosureVerdict>> gate,
            LongSupplier epochMs) {
        this.policies = policies;
        this.rewards = rewards;
        this.ledger = ledger;
        this.gate = gate;
        this.epochMs = epochMs;
    }

    /**
     * Brings the agents to what the configuration asks for, when it asks for something new; otherwise they are what the journal says. A kind that the gate
     * turns down stays a function, and stderr says why.
     *
     * @param wanted value of {@link Setting#PROMOTED}.
     * @param before its value when the directory was last served.
     */
    void begin(String wanted, String before) {
        if (wanted.equals(AUTO) ? !rewards.promotions().isEmpty() : wanted.equals(before)) {
            return;
        }
        String who = Setting.PROMOTED.path() + "=" + wanted;
        Set<AgentKind> kinds = kinds(wanted);
        Set<AgentKind> fresh = EnumSet.noneOf(AgentKind.class);
        for (AgentKind kind : AgentKind.values()) {
            if (kinds.contains(kind) && !policies.isPromoted(kind)) {
                fresh.add(kind);
            } else if (!kinds.contains(kind) && policies.isPromoted(kind)) {
                ledger.offerPromotion(demotion(kind, who));
            }
        }
        String hold = hold();
        if (!fresh.isEmpty() && !hold.isEmpty()) {
            System.err.println("rondo: "
                    + fresh.stream().map(AgentKind::label).collect(Collectors.joining(", "))
                    + " stay functions although "
                    + who + ": " + hold);
        } else if (!fresh.isEmpty()) {
            long startNs = System.nanoTime();
            gate.apply(fresh).forEach((kind, verdict) -> {
                if (verdict.isPromotable()) {
                    ledger.offerPromotion(promotion(kind, verdict, who));
                } else {
                    System.err.println("rondo: " + kind.label() + " stays a function although " + who + ": verdict "
                            + verdict.verdict() + "; " + verdict.reasons());
                }
            });
            System.err.println("rondo: the closure gate has examined "
                    + fresh.stream().map(AgentKind::label).collect(Collectors.joining(", ")) + " in "
                    + (System.nanoTime() - startNs) / 1_000_000 + " ms");
        }
        ledger.doWork();
    }

    private static Set<AgentKind> kinds(String wanted) {
        return switch (wanted) {
            case AUTO -> FIRST_AGENTS;
            case "all" -> EnumSet.allOf(AgentKind.class);
            case "none" -> EnumSet.noneOf(AgentKind.class);
            default -> {
                EnumSet<AgentKind> kinds = EnumSet.noneOf(AgentKind.class);
                for (String label : wanted.split(",")) {
                    kinds.add(AgentKind.ofLabel(label.trim()));
                }
                yield kinds;
            }
        };
    }

    /** Why no function may become an agent now; empty when it may. An alarm about a kind that is no agent any more holds nobody: it would never clear. */
    private String hold() {
        for (Alarm alarm : rewards.standing()) {
            AgentKind kind = alarm.first() < 0 ? null : AgentKind.ofCode(alarm.first());
            if (alarm.response() == Signal.Response.HOLD_PROMOTIONS && (kind == null || policies.isPromoted(kind))) {
                return "promotions are held while the alarm " + alarm.signal() + " of "
                        + (kind == null ? "the global reward" : kind.label()) + " stands: " + alarm.cause() + ", value="
                        + alarm.value() + ", threshold=" + alarm.threshold();
            }
        }
        return "";
    }

    /** See {@link ServingKernel#promote}. An agent may be examined again, which renews its evidence. */
    synchronized ClosureVerdict promote(AgentKind kind, String who) throws IOException {
        String hold = hold();
        if (!hold.isEmpty() && !policies.isPromoted(kind)) {
            throw new IllegalStateException(hold);
        }
        ClosureVerdict verdict = Objects.requireNonNull(gate.apply(Set.of(kind)).get(kind));
        if (verdict.isPromotable()) {
            enter(promotion(kind, verdict, who));
        }
        return verdict;
    }

    /** See {@link ServingKernel#demote}. */
    synchronized void demote(AgentKind kind, String who) throws IOException {
        if (!policies.isPromoted(kind)) {
            throw new IllegalArgumentException(
                    "only an agent can be demoted: agent=" + kind.label() + " is a function");
        }
        enter(demotion(kind, who));
    }

    /** @throws IllegalArgumentException when the kind is paid by another metric than the gate examined. */
    private Promotion promotion(AgentKind kind, ClosureVerdict verdict, String who) {
        verdict.requireReward(LocalReward.metric(kind));
        return new Promotion(epochMs.getAsLong(), kind, true, verdict.criteriaVersion(), verdict.evidenceHash(), who);
    }

    private Promotion demotion(AgentKind kind, String who) {
        return new Promotion(epochMs.getAsLong(), kind, false, 0, "", who);
    }

    /** Hands the event to the ledger's thread and waits until it is in force. */
    private void enter(Promotion event) throws IOException {
        long endNs = System.nanoTime() + LEDGER_TIMEOUT_NS;
        if (!ledger.offerPromotion(event)) {
            throw new IOException(
                    "the ledger is behind; try again: agent=" + event.kind().label());
        }
        while (!rewards.promotions().contains(event)) {
            if (System.nanoTime() > endNs) {
                throw new IOException("the ledger has not taken the event yet: agent="
                        + event.kind().label());
            }
            LockSupport.parkNanos(this, LOOK_AGAIN_NS);
        }
    }
}
