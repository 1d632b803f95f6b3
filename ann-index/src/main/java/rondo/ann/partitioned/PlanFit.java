package rondo.ann.partitioned;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rondo.ann.RowFilter;
import rondo.ann.TopK;
import rondo.ann.partitioned.SearchPlans.Plan;

/** Tries how far searches have to go, on probes whose answers are known. Deterministic: what a search costs is counted, not measured. */
final class PlanFit {
    private static final int[] KS = {10, 100, 500, 1_000};
    private static final float[] REACHES = {0.5f, 0.75f, 1f, 1.25f, 1.5f, 2f, 2.5f, 3f, 3.5f, 4f, 5f};
    private static final float[] CANDIDATES = {1.1f, 1.2f, 1.4f, 1.6f, 1.8f, 2f, 2.5f, 3f, 4f, 5f, 6f, 8f, 10f, 15f, 20f
    };

    /** Probes that say which ways to search are worth trying on all. */
    private static final int FEW = 128;

    /** Ways to search that are tried on all probes. */
    private static final int FINALISTS = 8;

    /** What few probes may say too little of a way's recall. */
    private static final double DOUBT = 0.005;

    /** What the probes may be luckier than what comes after them. */
    private static final double MARGIN = 0.003;

    // Nanoseconds on one Zen 5 core; only their proportions matter.
    private static final double BLOCK = 40;
    private static final double BLOCK_PAIR = 4;
    private static final double ROW = 25;
    private static final double ROW_LINE = 5;

    private final PartitionedVectorIndex index;
    private final float[] probes;
    private final int probeCount;
    private final int largest;

    /** The rows nearest to each probe, best first: {@code probe × largest}. */
    private final int[] nearest;

    private final Workers workers;

    PlanFit(PartitionedVectorIndex index, float[] probes, Workers workers) {
        this.index = index;
        this.probes = probes;
        this.probeCount = probes.length / index.dimension;
        this.largest = Math.min(KS[KS.length - 1], index.count);
        this.nearest = new int[probeCount * largest];
        this.workers = workers;
        workers.run(probeCount, 4, () -> {
            PartitionedSearcher searcher = index.newPartitionedSearcher(largest);
            TopK top = new TopK(largest);
            float[] query = new float[index.dimension];
            return (from, to) -> {
                for (int probe = from; probe < to; probe++) {
                    System.arraycopy(probes, probe * index.dimension, query, 0, index.dimension);
                    searcher.searchExactly(query, largest, top);
                    for (int i = 0; i < largest; i++) {
                        nearest[probe * largest + i] = top.row(i);
                    }
                }
            };
        });
    }

    /** What came of a way to search. */
    private record Trial(Plan plan, double cost) {}

    SearchPlans fit(double recall) {
        List<Plan> plans = new ArrayList<>();
        for (int k : KS) {
            if (k <= largest) {
                plans.add(fit(k, recall));
            }
        }
        return plans.isEmpty() ? SearchPlans.EXHAUSTIVE : new SearchPlans(plans);
    }

    private Plan fit(int k, double recall) {
        double wanted = Math.min(1, recall + MARGIN);
        List<Trial> likely = new ArrayList<>();
        Trial[] byReach = new Trial[REACHES.length];
        workers.run(REACHES.length, 1, () -> {
            Runner runner = new Runner(k);
            return (from, to) -> {
                for (int i = from; i < to; i++) {
                    byReach[i] = runner.fewest(REACHES[i], Math.min(FEW, probeCount), wanted - DOUBT);
                }
            };
        });
        for (Trial trial : byReach) {
            if (trial != null) {
                likely.add(trial);
            }
        }
        likely.sort(Comparator.comparingDouble(Trial::cost));
        Trial[] finals = new Trial[Math.min(FINALISTS, likely.size())];
        workers.run(finals.length, 1, () -> {
            Runner runner = new Runner(k);
            return (from, to) -> {
                for (int i = from; i < to; i++) {
                    finals[i] = runner.enough(likely.get(i).plan(), wanted);
                }
            };
        });
        Trial best = null;
        for (Trial trial : finals) {
            if (trial != null && (best == null || trial.cost() < best.cost())) {
                best = trial;
            }
        }
        return best == null ? new Plan(k, Float.POSITIVE_INFINITY, index.count / (float) k, 1) : best.plan();
    }

    /** Runs probes on one thread. */
    private final class Runner {
        private final int k;
        private final PartitionedSearcher searcher;
        private final TopK top;
        private final float[] query = new float[index.dimension];
        private final int[] seen = new int[index.count];
        private final RowFilter all = new RowFilter(index.count);
        private int generation;

        Runner(int k) {
            this.k = k;
            this.searcher = index.newPartitionedSearcher(k);
            this.top = new TopK(k);
        }

        /** The fewest candidates that reach a recall, which more of them never lower; null when none do. */
        @Nullable
        Trial fewest(float reach, int few, double wanted) {
            Trial best = null;
            int low = 0;
            int high = CANDIDATES.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                Trial trial = run(reach, CANDIDATES[middle], few);
                if (trial.plan().recall() >= wanted) {
                    best = trial;
                    high = middle - 1;
                } else {
                    low = middle + 1;
                }
            }
            return best;
        }

        /** A plan that reaches a recall on all probes, with as many more candidates as it takes; null when there are not enough. */
        @Nullable
        Trial enough(Plan plan, double wanted) {
            for (float candidates : CANDIDATES) {
                if (candidates >= plan.candidates()) {
                    Trial trial = run(plan.reach(), candidates, probeCount);
                    if (trial.plan().recall() >= wanted) {
                        return trial;
                    }
                }
            }
            return null;
        }

        private Trial run(float reach, float candidates, int count) {
            long blocks = searcher.blocksRead();
            long rows = searcher.rowsScored();
            long found = 0;
            for (int probe = 0; probe < count; probe++) {
                System.arraycopy(probes, probe * index.dimension, query, 0, index.dimension);
                searcher.search(query, k, all, reach, (int) Math.ceil(candidates * k), top);
                generation++;
                for (int i = 0; i < top.count(); i++) {
                    seen[top.row(i)] = generation;
                }
                for (int i = 0; i < k; i++) {
                    found += seen[nearest[probe * largest + i]] == generation ? 1 : 0;
                }
            }
            double cost = (searcher.blocksRead() - blocks) * (BLOCK + BLOCK_PAIR * index.coder.pairs())
                    + (searcher.rowsScored() - rows) * (ROW + ROW_LINE * index.dimension / 16.0);
            return new Trial(new Plan(k, reach, candidates, (double) found / ((long) count * k)), cost / count);
        }
    }
}
