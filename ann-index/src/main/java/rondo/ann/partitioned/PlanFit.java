package rondo.ann.partitioned;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import rondo.ann.RowFilter;
import rondo.ann.TopK;
import rondo.ann.partitioned.SearchPlans.Plan;

/** Tries how far searches have to go, on probes whose answers are known. Deterministic: what a search costs is counted, not measured. */
final class PlanFit {
    private static final int[] KS = {10, 100, 500, 1_000};
    private static final float[] REACHES = {
        0.5f, 0.75f, 1f, 1.25f, 1.5f, 1.75f, 2f, 2.25f, 2.5f, 2.75f, 3f, 3.25f, 3.5f, 4f, 4.5f, 5f, 6f
    };

    /** The reach that is tried first. */
    private static final int USUAL = 6;

    private static final float[] CANDIDATES = {
        1.05f, 1.1f, 1.2f, 1.3f, 1.4f, 1.5f, 1.6f, 1.8f, 2f, 2.25f, 2.5f, 2.75f, 3f, 3.5f, 4f, 4.5f, 5f, 6f, 7f, 8f,
        10f, 12f, 15f, 20f, 25f, 35f, 50f
    };

    /** Rows wanted by the probes that say which ways to search are worth trying on all; and how many probes at least, and at most. */
    private static final int FEW_ROWS = 16_000;

    private static final int FEW_MIN = 48;
    private static final int FEW_MAX = 160;

    /** Ways to search that are tried on all probes. */
    private static final int FINALISTS = 3;

    /** Wider or narrower reaches are tried while they cost no more than this times the least. */
    private static final double DEARER = 1.1;

    /** What few probes may say too little of a way's recall. */
    private static final double DOUBT = 0.005;

    /** What the probes may be luckier than what comes after them. */
    private static final double MARGIN = 0.003;

    // Nanoseconds on one Zen 5 core; only their proportions matter.
    private static final long BLOCK = 60;
    private static final long BLOCK_PAIR = 2;
    private static final long ROW = 30;
    private static final long ROW_LINE = 5;
    private static final int CACHE_LINE = 64;

    private final PartitionedVectorIndex index;
    private final Probes probes;
    private final int largest;

    /** The rows nearest to each probe, best first: {@code probe × largest}. */
    private final int[] nearest;

    private final Workers workers;
    private final ThreadLocal<Runner> runners = ThreadLocal.withInitial(Runner::new);

    PlanFit(PartitionedVectorIndex index, Probes probes, Workers workers) {
        this.index = index;
        this.probes = probes;
        this.largest = Math.min(KS[KS.length - 1], index.count);
        this.nearest = new ProbeAnswers(index, probes, largest, workers).find();
        this.workers = workers;
    }

    /** Halvings of the last step between two numbers of candidates. */
    private static final int HALVINGS = 2;

    /** What came of a way to search: of the reach that lies so far in the table above, and candidates about so far. */
    private record Trial(int reach, int step, float candidates, double recall, double cost) {}

    SearchPlans fit(double recall) {
        double wanted = Math.min(1, recall + MARGIN + probes.doubt());
        List<Plan> plans = new ArrayList<>();
        int reach = USUAL;
        for (int k : KS) {
            if (k <= largest) {
                Trial best = best(k, reach, wanted);
                reach = best == null ? USUAL : best.reach();
                plans.add(
                        best == null
                                ? new Plan(k, Float.POSITIVE_INFINITY, index.count / (float) k, 1)
                                : new Plan(k, REACHES[best.reach()], best.candidates(), best.recall()));
            }
        }
        return plans.isEmpty() ? SearchPlans.EXHAUSTIVE : new SearchPlans(plans);
    }

    /** What costs least of all that reaches a recall on all probes; null when nothing does. */
    private @Nullable Trial best(int k, int reach, double wanted) {
        List<Trial> likely = likely(k, reach, wanted - DOUBT);
        likely.sort(Comparator.comparingDouble(Trial::cost));
        Trial best = null;
        for (Trial trial : likely.subList(0, Math.min(FINALISTS, likely.size()))) {
            Trial on = more(k, trial.reach(), trial.step(), probes.count(), wanted);
            if (on != null && (best == null || on.cost() < best.cost())) {
                best = on;
            }
        }
        return best == null ? null : refined(k, best, wanted);
    }

    /** What reaches the recall with fewer candidates, by less than a step. */
    private Trial refined(int k, Trial trial, double wanted) {
        Trial best = trial;
        float low = trial.step() == 0 ? 1 : CANDIDATES[trial.step() - 1];
        for (int i = 0; i < HALVINGS; i++) {
            float middle = (low + best.candidates()) / 2;
            Trial at = run(k, trial.reach(), trial.step(), middle, probes.count());
            if (at.recall() >= wanted) {
                best = at;
            } else {
                low = middle;
            }
        }
        return best;
    }

    /** The fewest candidates that reach a recall on few probes, for a reach and those around it. */
    private List<Trial> likely(int k, int reach, double wanted) {
        int few = Math.min(probes.count(), Math.max(FEW_MIN, Math.min(FEW_MAX, FEW_ROWS / k)));
        List<Trial> likely = new ArrayList<>();
        int from = reach;
        Trial trial = first(k, from, few, wanted);
        while (trial == null && ++from < REACHES.length) {
            trial = first(k, from, few, wanted);
        }
        if (trial == null) {
            return likely;
        }
        likely.add(trial);
        double least = trial.cost();
        // Wider takes no more candidates, narrower no fewer; what is not found within a reach is not found within a
        // narrower one.
        Trial wider = trial;
        for (int i = from + 1; i < REACHES.length && wider.cost() <= DEARER * least; i++) {
            wider = fewer(k, i, wider.step(), few, wanted);
            likely.add(wider);
            least = Math.min(least, wider.cost());
        }
        Trial narrower = trial;
        for (int i = from - 1; i >= 0 && narrower != null && narrower.cost() <= DEARER * least; i--) {
            narrower = more(k, i, narrower.step(), few, wanted);
            if (narrower != null) {
                likely.add(narrower);
                least = Math.min(least, narrower.cost());
            }
        }
        return likely;
    }

    /** The fewest candidates that reach a recall, which more of them never lower; null when none do. */
    private @Nullable Trial first(int k, int reach, int count, double wanted) {
        Trial best = null;
        int low = 0;
        int high = CANDIDATES.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Trial trial = run(k, reach, middle, count);
            if (trial.recall() >= wanted) {
                best = trial;
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return best;
    }

    /** As {@link #first}, from a step up. */
    private @Nullable Trial more(int k, int reach, int from, int count, double wanted) {
        for (int step = from; step < CANDIDATES.length; step++) {
            Trial trial = run(k, reach, step, count);
            if (trial.recall() >= wanted) {
                return trial;
            }
        }
        return null;
    }

    /** As {@link #first}, from a step that suffices down. */
    private Trial fewer(int k, int reach, int from, int count, double wanted) {
        Trial best = run(k, reach, from, count);
        for (int step = from - 1; step >= 0; step--) {
            Trial trial = run(k, reach, step, count);
            if (trial.recall() < wanted) {
                break;
            }
            best = trial;
        }
        return best;
    }

    private Trial run(int k, int reach, int step, int count) {
        return run(k, reach, step, CANDIDATES[step], count);
    }

    private Trial run(int k, int reach, int step, float candidates, int count) {
        AtomicLong cost = new AtomicLong();
        AtomicLong found = new AtomicLong();
        AtomicLong sought = new AtomicLong();
        workers.run(count, 8, () -> {
            Runner runner = runners.get();
            return (from, to) -> {
                for (int probe = from; probe < to; probe++) {
                    cost.addAndGet(runner.search(k, REACHES[reach], candidates, probe));
                    found.addAndGet(runner.found);
                    sought.addAndGet(runner.sought);
                }
            };
        });
        return new Trial(
                reach, step, candidates, (double) found.get() / Math.max(1, sought.get()), (double) cost.get() / count);
    }

    /** Runs probes on one thread. */
    private final class Runner {
        private final PartitionedSearcher searcher = index.newPartitionedSearcher(largest);
        private final TopK top = new TopK(largest);
        private final RowFilter all = new RowFilter(index.count);
        private final float[] query = new float[index.dimension];

        /** By row: the last search that found it. */
        private final int[] seen = new int[index.count];

        private int searches;
        private int found;
        private int sought;

        /** Counts what is found, and returns what it costs. */
        long search(int k, float reach, float candidates, int probe) {
            long blocks = searcher.blocksRead();
            long rows = searcher.rowsScored();
            probes.get(probe, query);
            searcher.search(query, k, all, reach, (int) Math.ceil(candidates * k), top);
            searches++;
            for (int i = 0; i < top.count(); i++) {
                seen[top.row(i)] = searches;
            }
            found = 0;
            sought = 0;
            int own = probes.own(probe);
            for (int i = 0; i < k; i++) {
                int row = nearest[probe * largest + i];
                if (row != own) {
                    sought++;
                    found += seen[row] == searches ? 1 : 0;
                }
            }
            return (searcher.blocksRead() - blocks) * (BLOCK + BLOCK_PAIR * index.coder.pairs())
                    + (searcher.rowsScored() - rows) * (ROW + ROW_LINE * index.rowLength / CACHE_LINE);
        }
    }
}
