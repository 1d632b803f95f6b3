package rondo.agents.policy;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.BooleanGen;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;

/**
 * The register of live policies is linearizable while one learner writes it: Lincheck makes scenarios of its operations, runs interleavings of each, and
 * looks for an order of the operations, one after the other, in which {@link Plain} answers the same.
 */
class PolicyTableLincheckTest {
    private static void check(Class<?> register) {
        new ModelCheckingOptions()
                .sequentialSpecification(Plain.class)
                .threads(3)
                .actorsBefore(2)
                .actorsPerThread(3)
                .actorsAfter(1)
                .iterations(40)
                .invocationsPerIteration(100)
                // Blocks are immutable, and many are made for each run.
                .addGuarantee(
                        forClasses(PolicyBlock.class.getName()).allMethods().ignore())
                .addGuarantee(forClasses(PolicyTable.class.getName())
                        .methods("<init>")
                        .ignore())
                .check(register);
    }

    @Test
    void shouldAnswerAsIfOneOperationWereDoneAfterTheOther() {
        check(Agents.class);
        check(Blocks.class);
    }

    /** Were there two learners, one could take back what the other has promoted. */
    @Test
    void shouldCatchTheTwinThatTwoLearnersPromote() {
        String found = String.valueOf(assertThrows(LincheckAssertionError.class, () -> check(AgentsOfTwoLearners.class))
                .getMessage());
        assertTrue(found.contains("Invalid execution results"), found);
        assertTrue(found.contains("promote("), found);
    }

    /** Who is an agent, as it is used. */
    @Param(name = "kind", gen = IntGen.class, conf = "1:2")
    @Param(name = "isAgent", gen = BooleanGen.class)
    public static class Agents {
        private final PolicyTable table = PolicyTableStress.table();

        /** The learner. */
        @Operation(nonParallelGroup = "learner")
        public void promote(@Param(name = "kind") int kind, @Param(name = "isAgent") boolean isAgent) {
            table.promote(AgentKind.ofCode(kind), isAgent);
        }

        /** Anybody. */
        @Operation
        public boolean isPromoted(@Param(name = "kind") int kind) {
            return table.isPromoted(AgentKind.ofCode(kind));
        }

        /** Anybody. */
        @Operation
        public int promoted() {
            return table.promoted();
        }
    }

    /** What agents decide by, as it is used. */
    @Param(name = "segment", gen = IntGen.class, conf = "0:1")
    @Param(name = "version", gen = IntGen.class, conf = "1:3")
    public static class Blocks {
        private final PolicyTable table = PolicyTableStress.table();

        /** The learner. */
        @Operation(nonParallelGroup = "learner")
        public void publish(@Param(name = "segment") int segment, @Param(name = "version") int version) {
            table.publish(new PolicyBlock(AgentKind.RANKING, segment, version, new float[] {0, version}, 0));
        }

        /** Anybody: which block it is, and what is in it. */
        @Operation
        public String current(@Param(name = "segment") int segment) {
            PolicyBlock block = table.current(AgentKind.RANKING, segment);
            return block.version() + " with " + (int) block.probability(1);
        }
    }

    /** The twin that must fail. */
    @Param(name = "kind", gen = IntGen.class, conf = "1:2")
    @Param(name = "isAgent", gen = BooleanGen.class)
    public static class AgentsOfTwoLearners {
        private final PolicyTable table = PolicyTableStress.table();

        /** Either learner. */
        @Operation
        public void promote(@Param(name = "kind") int kind, @Param(name = "isAgent") boolean isAgent) {
            table.promote(AgentKind.ofCode(kind), isAgent);
        }

        /** Anybody. */
        @Operation
        public int promoted() {
            return table.promoted();
        }
    }

    /** What is right, on one thread. */
    public static class Plain {
        private final boolean[] isPromoted = new boolean[AgentKind.COUNT];
        private final int[] versions = new int[2];

        /** See {@link PolicyTable#promote}. */
        public void promote(int kind, boolean isAgent) {
            isPromoted[kind] = isAgent;
        }

        /** See {@link PolicyTable#publish}. */
        public void publish(int segment, int version) {
            versions[segment] = version;
        }

        /** See {@link PolicyTable#isPromoted}. */
        public boolean isPromoted(int kind) {
            return isPromoted[kind];
        }

        /** See {@link PolicyTable#promoted}. */
        public int promoted() {
            int bits = 0;
            for (int kind = 0; kind < isPromoted.length; kind++) {
                bits += isPromoted[kind] ? 1 << kind : 0;
            }
            return bits;
        }

        /** See {@link PolicyTable#current}. */
        public String current(int segment) {
            return versions[segment] + " with " + versions[segment];
        }
    }
}
