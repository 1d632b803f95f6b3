package rondo.agents.closure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import rondo.agents.closure.ClosureVerdict.Mark;
import rondo.agents.closure.FakeModule.FakeChoices;
import rondo.agents.closure.FakeModule.FakeLoop;
import rondo.agents.closure.FakeModule.Step;

class ClosureGateTest {
    private static final ClosureSpec SPEC = ClosureSpec.standard();

    private static ClosureVerdict examine(ClosureModule module) {
        return ClosureGate.examine(module, SPEC, 7);
    }

    @ParameterizedTest
    @CsvSource({
        "true,true,true,PASS",
        "true,true,false,FAIL",
        "true,false,true,FAIL",
        "true,false,false,FAIL",
        "false,true,true,FAIL",
        "false,true,false,FAIL",
        "false,false,true,FAIL",
        "false,false,false,FAIL"
    })
    void shouldPromoteOnlyWhatMeetsAllThree(boolean evaluable, boolean hasChoices, boolean closes, Mark expected) {
        FakeModule module = new FakeModule();
        module.scores = evaluable ? module.scores : input -> 0.5;
        module.choices = hasChoices ? module.choices : new FakeChoices(1);
        module.loop = closes ? module.loop : new FakeLoop(Step.IDENTITY);

        ClosureVerdict verdict = examine(module);

        assertEquals(expected, verdict.verdict(), verdict.toString());
        assertEquals(evaluable ? Mark.PASS : Mark.FAIL, verdict.evaluable().mark());
        assertEquals(hasChoices ? Mark.PASS : Mark.FAIL, verdict.decisionSpace().mark());
        assertEquals(closes ? Mark.PASS : Mark.FAIL, verdict.closedLoop().mark());
    }

    @Test
    void shouldCallALoopImplicitThatOnlyAnOutsideSignalCloses() {
        FakeModule module = new FakeModule();
        module.loop = new FakeLoop(Step.IDENTITY);
        module.outsideLoop = new FakeLoop(Step.HALVING);

        ClosureVerdict verdict = examine(module);

        assertEquals(Mark.PARTIAL, verdict.closedLoop().mark());
        assertEquals(Mark.PARTIAL, verdict.verdict());
        assertEquals(0, verdict.contraction(), "the outside signal is not the module's own");
        module.choices = null;
        assertEquals(Mark.FAIL, examine(module).verdict());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HALVING")
    void shouldRejectACorrectionThatDoesNotContract(Step step) {
        FakeModule module = new FakeModule();
        module.loop = new FakeLoop(step);

        ClosureVerdict verdict = examine(module);

        assertEquals(
                Mark.FAIL, verdict.closedLoop().mark(), verdict.closedLoop().reason());
        assertTrue(verdict.contraction() < 0.05, "contraction=" + verdict.contraction());
    }

    @Test
    void shouldRejectPerturbationsThatDisturbNothing() {
        FakeModule module = new FakeModule();
        FakeLoop halving = new FakeLoop(Step.HALVING);
        module.loop = new ClosureModule.Loop() {
            @Override
            public int stateLength() {
                return 1;
            }

            @Override
            public void perturb(double[] state, long draw) {
                state[0] = SPEC.tolerance();
            }

            @Override
            public void correct(double[] state, long input) {
                halving.correct(state, input);
            }

            @Override
            public double distance(double[] state) {
                return halving.distance(state);
            }
        };

        assertEquals(Mark.FAIL, examine(module).closedLoop().mark());
    }

    @Test
    void shouldCountTwoLabelsOfOneBehaviourAsOne() {
        FakeModule module = new FakeModule();
        module.choices = new FakeChoices(2) {
            @Override
            public void act(int action, long input, double[] output) {
                output[0] = 5;
            }
        };

        assertEquals(1, examine(module).distinctActions());
        assertEquals(Mark.FAIL, examine(module).verdict());
    }

    @Test
    void shouldCountActionsThatDifferOnTooFewContextsAsOne() {
        FakeModule module = new FakeModule();
        module.choices = new FakeChoices(2) {
            @Override
            public void act(int action, long input, double[] output) {
                output[0] = input % 1000 == 0 ? 10 * action : 5;
            }
        };

        assertEquals(1, examine(module).distinctActions());
    }

    @Test
    void shouldCountActionsOfEqualValueAsOne() {
        FakeModule module = new FakeModule();
        module.choices = new FakeChoices(4) {
            @Override
            public double value(double[] output, long input) {
                // The first two are worth the same but for noise; the others stand apart.
                double noise = rondo.agents.policy.CounterRandom.uniform(5, input, (long) output[0]);
                return output[0] < 2 ? 0.3 + 0.2 * noise : output[0] / 4;
            }
        };

        assertEquals(3, examine(module).distinctActions());
    }

    @Test
    void shouldCountActionsThatDifferInsideAStratumOnly() {
        FakeModule module = new FakeModule();
        module.choices = new FakeChoices(2) {
            @Override
            public double value(double[] output, long input) {
                return stratum(input) == (int) output[0] ? 0.6 : 0.4;
            }

            @Override
            public int stratumCount() {
                return 2;
            }

            @Override
            public int stratum(long input) {
                return (int) (input & 1);
            }
        };

        assertEquals(2, examine(module).distinctActions());
    }

    @Test
    void shouldNotCountWhatCannotBeChosen() {
        FakeModule module = new FakeModule();
        module.choices = new FakeChoices(2) {
            @Override
            public double propensity(int action, long input) {
                return action == 0 ? 1 : 0;
            }
        };

        ClosureVerdict verdict = examine(module);

        assertEquals(1, verdict.distinctActions());
        assertTrue(verdict.decisionSpace().reason().contains("never be chosen"));
    }

    @Test
    void shouldRefusePropensitiesThatAreNoDistribution() {
        FakeModule module = new FakeModule();
        module.choices = new FakeChoices(3) {
            @Override
            public double propensity(int action, long input) {
                return 0.5;
            }
        };

        assertEquals(Mark.FAIL, examine(module).decisionSpace().mark());
    }

    @Test
    void shouldRefuseProductionInputUnseen() {
        FakeModule module = new FakeModule();
        module.origin = ClosureModule.Origin.PRODUCTION;

        ClosureVerdict verdict = examine(module);

        assertEquals(Mark.FAIL, verdict.verdict());
        assertTrue(verdict.evaluable().isIneligible());
        assertEquals(0, module.evaluations);
        assertEquals(0, verdict.iterations());
    }

    @Test
    void shouldFailWithAReasonWhenAPartIsMissing() {
        FakeModule module = new FakeModule();
        module.scores = null;
        module.choices = null;
        module.loop = null;

        ClosureVerdict verdict = examine(module);

        assertEquals(
                "FAIL: INELIGIBLE(no evaluation of its own)",
                verdict.evaluable().toString());
        assertEquals(
                "FAIL: INELIGIBLE(no decision space)", verdict.decisionSpace().toString());
        assertEquals(
                "FAIL: INELIGIBLE(no corrective step of its own)",
                verdict.closedLoop().toString());
    }

    @Test
    void shouldFailAModuleWithoutInput() {
        FakeModule module = new FakeModule();
        module.inputCount = 0;

        ClosureVerdict verdict = examine(module);

        assertEquals(Mark.FAIL, verdict.verdict());
        assertEquals(0.0, verdict.successRate(), "no input is no success, and no NaN");
    }

    @Test
    void shouldFailAScoreThatIsNoNumberEvenOnce() {
        FakeModule module = new FakeModule();
        module.inputCount = 5_000;
        module.scores = input -> input == 3 ? Double.NaN : 1;

        ClosureVerdict verdict = examine(module);

        assertEquals(Mark.FAIL, verdict.evaluable().mark());
        assertTrue(verdict.evaluable().reason().contains("no finite number"));
        assertTrue(verdict.successRate() > 0.99);
    }

    @Test
    void shouldFailWhatThrows() {
        FakeModule module = new FakeModule();
        module.scores = input -> {
            throw new IllegalStateException("broken");
        };

        assertEquals(
                "FAIL: iteration 0 threw IllegalStateException",
                examine(module).evaluable().toString());
    }

    @Test
    void shouldFailAGoodScorerThatPassesTheMarkTooSeldom() {
        // Mean 0.90, deviation 0.05: P(score >= 0.85) = 0.84.
        FakeModule module = new FakeModule();
        module.scores = input -> {
            double sum = 0;
            for (int i = 0; i < 12; i++) {
                sum += rondo.agents.policy.CounterRandom.uniform(9, input, i);
            }
            return 0.90 + 0.05 * (sum - 6);
        };

        ClosureVerdict verdict = examine(module);

        assertEquals(0.84, verdict.successRate(), 0.02);
        assertEquals(Mark.FAIL, verdict.evaluable().mark());
    }

    @Test
    void shouldRefuseARewardThatWasNotExamined() {
        ClosureVerdict passed = examine(new FakeModule());
        passed.requireReward("share of ones");
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> passed.requireReward("clicks"));
        assertTrue(String.valueOf(refused.getMessage()).contains("reward=clicks"));

        FakeModule failing = new FakeModule();
        failing.loop = null;
        assertThrows(IllegalArgumentException.class, () -> examine(failing).requireReward("share of ones"));
    }

    @Test
    void shouldHashWhatWasMeasured() {
        String hash = examine(new FakeModule()).evidenceHash();
        FakeModule other = new FakeModule();
        other.scores = input -> 0.95;

        assertEquals(hash, examine(new FakeModule()).evidenceHash());
        assertNotEquals(hash, ClosureGate.examine(new FakeModule(), SPEC, 8).evidenceHash());
        assertNotEquals(hash, examine(other).evidenceHash());
        assertNotEquals(
                hash,
                ClosureGate.examine(new FakeModule(), SPEC.withIterations(9_999), 7)
                        .evidenceHash());
    }

    @Test
    void shouldReachTheSameHashInAnotherProcess() throws IOException, InterruptedException {
        // Interpreted there, compiled here.
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xint",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PrintHash.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();

        assertEquals(0, process.waitFor());
        assertEquals(PrintHash.hash(), printed);
    }

    /** Prints the evidence hash of a small examination that goes through every part. */
    static final class PrintHash {
        static String hash() {
            FakeModule module = new FakeModule();
            module.loop = new PreferenceLoop(new FakeChoices(3), Long.MAX_VALUE, 64, 0.01, 5);
            return ClosureGate.examine(module, SPEC.withIterations(500), 3).evidenceHash();
        }

        public static void main(String[] args) {
            System.out.println(hash());
        }
    }

    @Test
    void shouldCloseTheLoopOfChoicesThatMatterAndOfNoOthers() {
        FakeModule module = new FakeModule();
        module.loop = new PreferenceLoop(new FakeChoices(4), Long.MAX_VALUE, 64, 0.01, 5);
        assertEquals(Mark.PASS, examine(module).closedLoop().mark());

        module.loop = new PreferenceLoop(new FakeChoices(1), Long.MAX_VALUE, 64, 0.01, 5);
        assertEquals(Mark.FAIL, examine(module).closedLoop().mark());
    }

    @Test
    void shouldSettleOnTheBestChoiceAndKeepTheOthersPossible() {
        double[] policy = new PreferenceLoop(new FakeChoices(4), Long.MAX_VALUE, 64, 0.01, 5).settled(0);

        assertTrue(policy[3] > 0.9, "policy[3]=" + policy[3]);
        assertTrue(policy[0] > 0);
    }

    @Test
    void shouldRefuseASpecThatCannotBeMeant() {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> SPEC.withIterations(0));
        assertTrue(String.valueOf(refused.getMessage()).contains("iterations=0"));
    }
}
