package rondo.agents.policy;

import java.util.Arrays;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;

/**
 * A learner that publishes a block beside a reader that decides by the block in force.
 *
 * <p>A twin that only stores the reference plainly cannot be caught: the fields of a block are final, so that the JVM puts its own barrier after the
 * constructor, and x86 keeps stores in order. The twin here is out of order in the program.
 */
final class PolicyTableStress {
    private static final AgentKind KIND = AgentKind.RANKING;
    private static final int SEGMENT = 3;

    private PolicyTableStress() {}

    /** Every agent plays action 0 of two. */
    static PolicyTable table() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        Arrays.fill(spaces, new DecisionSpace(List.of("0", "1"), 0));
        return new PolicyTable(spaces, 0);
    }

    /** Which block it is, and whether its policy plays action 1. */
    private static void look(PolicyTable table, II_Result result) {
        PolicyBlock block = table.current(KIND, SEGMENT);
        result.r1 = (int) block.version();
        result.r2 = (int) block.probability(1);
    }

    /** As it is done. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "the old block or the new one")
    @Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "a block that is half built")
    @State
    public static class Published {
        private final PolicyTable table = table();

        /** The learner. */
        @Actor
        public void publish() {
            table.publish(new PolicyBlock(KIND, SEGMENT, 1, new float[] {0, 1}, 0));
        }

        /** The reader. */
        @Actor
        public void look(II_Result result) {
            PolicyTableStress.look(table, result);
        }
    }

    /** The twin that must fail: the block is there before its probabilities. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "the old block or the new one")
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "a block that is half built")
    @State
    public static class PublishedTooEarly {
        private final PolicyTable table = table();

        /** The learner. */
        @Actor
        public void publish() {
            float[] probabilities = new float[2];
            table.publish(new PolicyBlock(KIND, SEGMENT, 1, probabilities, 0));
            probabilities[1] = 1;
        }

        /** The reader. */
        @Actor
        public void look(II_Result result) {
            PolicyTableStress.look(table, result);
        }
    }
}
