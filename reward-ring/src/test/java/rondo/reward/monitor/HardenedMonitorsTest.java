package rondo.reward.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Three agents of four actions; each test turns one knob and names the alarms that must follow, and that no other does. */
class HardenedMonitorsTest {
    private static final int EPOCH = 1_000;
    private static final int AGENTS = 3;
    private static final int ACTIONS = 4;

    private final SplittableRandom random = new SplittableRandom(20261125);
    private final List<Alarm> alarms = new ArrayList<>();
    private final HardenedMonitors monitors =
            new HardenedMonitors(MonitorConfig.standard(0.9), new int[] {ACTIONS, ACTIONS, ACTIONS}, alarms::add);

    /** Probability of the favoured action, by agent; the others share the rest. */
    private final double[] favour = {0.4, 0.5, 0.6};

    private final int[] favoured = {1, 2, 3};
    private final float[] probabilities = new float[ACTIONS];
    private double together;
    private double goodActionGain = 0.1;
    private double inflation;
    private double click = 0.3;
    private double jointGain;
    private double jointLoss;
    private double localNoise = 0.1;
    private double distance = 0.7;

    private void run(int epochs) {
        requests(epochs * EPOCH);
    }

    private void requests(int count) {
        int[] actions = new int[AGENTS];
        double[] locals = new double[AGENTS];
        for (int i = 0; i < count; i++) {
            double shared = random.nextDouble();
            double p = click;
            for (int a = 0; a < AGENTS; a++) {
                double u = a < 2 && random.nextDouble() < together ? shared : random.nextDouble();
                actions[a] = draw(a, u);
                p += actions[a] == a + 1 ? goodActionGain : 0;
            }
            boolean isJoint = actions[0] == 0 && actions[1] == 0;
            double global = random.nextDouble() < p - (isJoint ? jointLoss : 0) ? 1 : 0;
            for (int a = 0; a < AGENTS; a++) {
                locals[a] = 0.4
                        + 0.2 * global
                        + localNoise * (random.nextDouble() - 0.5) * 2
                        + (a == 0 ? inflation : 0)
                        + (a < 2 && isJoint ? jointGain : 0);
                propensities(a);
                monitors.decision(a, actions[a], probabilities, Math.max(0, Math.min(1, locals[a])));
            }
            monitors.request(5, global, 0.5, distance + 0.1 * (random.nextDouble() - 0.5));
        }
    }

    private void propensities(int agent) {
        for (int k = 0; k < ACTIONS; k++) {
            probabilities[k] = (float) (k == favoured[agent] ? favour[agent] : (1 - favour[agent]) / (ACTIONS - 1));
        }
    }

    private int draw(int agent, double u) {
        propensities(agent);
        double sum = 0;
        for (int k = 0; k < ACTIONS; k++) {
            sum += probabilities[k];
            if (u < sum) {
                return k;
            }
        }
        return ACTIONS - 1;
    }

    private Set<Signal> raised() {
        Set<Signal> raised = EnumSet.noneOf(Signal.class);
        alarms.stream().filter(Alarm::isRaised).forEach(alarm -> raised.add(alarm.signal()));
        return raised;
    }

    @Test
    void shouldStayQuietWhileAllIsWell() {
        run(300);
        assertEquals(List.of(), alarms);
        assertEquals(300, monitors.epochs());
    }

    @Test
    void shouldAcceptAPolicyThatClosedOnTheBetterAction() {
        run(10);
        favour[0] = 0.97;
        run(10);
        assertEquals(List.of(), alarms);
    }

    @Test
    void shouldAlarmWhenAPolicyClosesOnAWorseAction() {
        run(10);
        favour[0] = 0.97;
        favoured[0] = 0;
        run(3);
        assertEquals(1, monitors.raised(Signal.ENTROPY));
        Alarm alarm = alarms.getFirst();
        assertEquals(Signal.ENTROPY, alarm.signal());
        assertEquals(0, alarm.first());
        assertEquals(5, alarm.second());
        assertEquals(Signal.Response.RAISE_FLOOR, alarm.response());
        assertTrue(alarm.value() < alarm.threshold());

        favour[0] = 0.4;
        run(3);
        assertEquals(0, monitors.raised(Signal.ENTROPY), "three open epochs clear it");
    }

    @Test
    void shouldAlarmWhenExplorationIsBelowItsFloorHoweverGoodTheAction() {
        run(10);
        favour[0] = 0.9985;
        run(3);
        assertTrue(raised().contains(Signal.ENTROPY));
    }

    @Test
    void shouldSeeTwoAgentsExploringTogetherAndNoOthers() {
        run(5);
        together = 0.5;
        run(3);
        assertEquals(Set.of(Signal.COLLUSION), raised());
        Alarm alarm = alarms.getFirst();
        assertEquals(0, alarm.first());
        assertEquals(1, alarm.second());
        assertTrue(alarm.value() > 0.1, "correlation=" + alarm.value());
        together = 0;
        run(20);
        assertEquals(0, monitors.raised(Signal.COLLUSION));
    }

    @Test
    void shouldNotTakeACommonContextForCollusion() {
        // Both agents favour the same action, which changes all the time for both at once: actions correlate, residuals
        // do not.
        for (int i = 0; i < 400; i++) {
            favoured[0] = random.nextInt(ACTIONS);
            favoured[1] = favoured[0];
            favour[0] = 0.8;
            favour[1] = 0.8;
            goodActionGain = 0;
            for (int j = 0; j < 25; j++) {
                double[] locals = {0.5, 0.5};
                for (int a = 0; a < 2; a++) {
                    int action = draw(a, random.nextDouble());
                    monitors.decision(a, action, probabilities, locals[a]);
                }
                monitors.request(1, random.nextDouble() < 0.3 ? 1 : 0, 0.5, 0.7);
            }
        }
        assertEquals(10, monitors.epochs());
        assertFalse(raised().contains(Signal.COLLUSION));
    }

    @Test
    void shouldCallAgentsWithoutChanceFrozen() {
        run(5);
        favour[0] = 1;
        favour[1] = 1;
        run(2);
        assertEquals(2, monitors.raised(Signal.FROZEN));
    }

    @Test
    void shouldNotBelievePropensitiesThatAreNotDrawnWith() {
        for (int i = 0; i < EPOCH; i++) {
            propensities(0);
            monitors.decision(0, 1, probabilities, 0.5);
            monitors.request(1, 0, 0.5, 0.7);
        }
        assertEquals(1, monitors.raised(Signal.FROZEN));
    }

    @Test
    void shouldSeeAJointEffectThatPaysTwoAndCostsAll() {
        favour[0] = 0.25;
        favour[1] = 0.25;
        run(5);
        jointGain = 0.3;
        jointLoss = 0.3;
        run(3);
        assertTrue(raised().contains(Signal.COALITION));
        assertFalse(raised().contains(Signal.COLLUSION), "they draw each for itself");
        Alarm alarm = alarms.stream()
                .filter(one -> one.signal() == Signal.COALITION)
                .findFirst()
                .orElseThrow();
        assertEquals(0, alarm.first());
        assertEquals(1, alarm.second());
    }

    @Test
    void shouldNotCallAJointEffectACoalitionThatServesAll() {
        favour[0] = 0.25;
        favour[1] = 0.25;
        jointGain = 0.3;
        jointLoss = -0.3;
        run(20);
        assertFalse(raised().contains(Signal.COALITION));
    }

    @Test
    void shouldAlarmWhenALocalRewardRisesAlone() {
        run(10);
        inflation = 0.15;
        run(1);
        assertTrue(raised().contains(Signal.DIVERGENCE));
        assertEquals(1, monitors.raised(Signal.DIVERGENCE));
        run(100);
        assertEquals(1, monitors.raised(Signal.DIVERGENCE), "what is suspected does not become the usual");
        monitors.policyActivated(0);
        run(10);
        assertEquals(0, monitors.raised(Signal.DIVERGENCE));
    }

    @Test
    void shouldNotCallARiseDivergenceThatTheGlobalRewardShares() {
        run(10);
        goodActionGain = 0.25;
        run(5);
        assertFalse(raised().contains(Signal.DIVERGENCE));
    }

    @Test
    void shouldAlarmWhenSlatesBecomeAlikeAndClearWhenTheyDiffer() {
        run(3);
        distance = 0.2;
        run(1);
        assertEquals(1, monitors.raised(Signal.DIVERSITY));
        distance = 0.33;
        run(10);
        assertEquals(1, monitors.raised(Signal.DIVERSITY), "between the thresholds nothing changes");
        distance = 0.7;
        run(3);
        assertEquals(0, monitors.raised(Signal.DIVERSITY));
    }

    @Test
    void shouldSeeASpreadThatDoublesAroundTheSameMean() {
        localNoise = 0.2;
        run(20);
        localNoise = 0.4;
        run(1);
        assertEquals(3, monitors.raised(Signal.VARIANCE));
        assertEquals(Set.of(Signal.VARIANCE), raised());
    }

    @Test
    void shouldSeeAJumpAfterThreeHundredQuietEpochs() {
        run(300);
        assertEquals(List.of(), alarms);
        click = 0.55;
        run(3);
        assertTrue(raised().contains(Signal.JUMP));
    }

    @Test
    void shouldSeeAJumpInTheMiddleOfAnEpoch() {
        run(50);
        requests(EPOCH / 2);
        click = 0.55;
        requests(EPOCH / 2);
        run(1);
        assertTrue(raised().contains(Signal.JUMP));
    }

    @Test
    void shouldAlarmWhenAlphaStaysHighThroughAnUpheaval() {
        for (int tick = 0; tick < 100; tick++) {
            monitors.alphaTick(0.8, 0.001);
        }
        assertEquals(List.of(), alarms);
        int ticks = 0;
        while (alarms.isEmpty()) {
            monitors.alphaTick(0.9, 0.15);
            ticks++;
        }
        assertTrue(ticks <= 10, "ticks=" + ticks);
        assertEquals(Signal.ALPHA_STUCK, alarms.getFirst().signal());
    }

    @Test
    void shouldAcceptAnAlphaThatComesDownAtItsOwnPace() {
        double alpha = 0.8;
        for (int tick = 0; tick < 50; tick++) {
            alpha = Math.max(0.2, alpha - 0.15);
            monitors.alphaTick(alpha, 0.3);
        }
        assertEquals(List.of(), alarms);
    }

    @Test
    void shouldAllocateNothingOnTheLearnPath() {
        run(20);
        long thread = Thread.currentThread().threadId();
        com.sun.management.ThreadMXBean bean = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        propensities(0);
        long before = bean.getThreadAllocatedBytes(thread);
        for (int i = 0; i < 50 * EPOCH; i++) {
            for (int a = 0; a < AGENTS; a++) {
                monitors.decision(a, i & 3, probabilities, 0.5);
            }
            monitors.request(5, i & 1, 0.5, 0.7);
        }
        long allocated = bean.getThreadAllocatedBytes(thread) - before;
        // Alarms are objects; this stream, which ignores its propensities, raises some.
        assertTrue(allocated < 50_000, "allocated=" + allocated);
    }

    @Test
    void shouldRefuseAnActionThatIsNotThere() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> monitors.decision(1, ACTIONS, probabilities, 0.5));
        assertTrue(String.valueOf(refused.getMessage()).contains("agent=1, action=4"));
    }
}
