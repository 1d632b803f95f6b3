package rondo.ann.partitioned;

import rondo.ann.RowFilter;
import rondo.ann.TopK;

/**
 * Finds the rows nearest to probes. Scoring all rows for all probes would take longer than the build: many are searched for so widely that hardly anything
 * can be missed, and what is missed is counted on some.
 */
final class ProbeAnswers {
    /** An index with fewer rows has them all scored. */
    private static final int SCANNED_COUNT = 50_000;

    /** Probes for which all rows are scored. */
    private static final int CHECKED = 16;

    /** Share of the checked probes' rows that may be missed. */
    private static final double MISSED_MAX = 0.0005;

    // How wide, at first and then.
    private static final float[] REACHES = {4f, 6f};
    private static final int[] CANDIDATES = {6, 16};

    private final PartitionedVectorIndex index;
    private final Probes probes;
    private final int k;
    private final Workers workers;

    ProbeAnswers(PartitionedVectorIndex index, Probes probes, int k, Workers workers) {
        this.index = index;
        this.probes = probes;
        this.k = k;
        this.workers = workers;
    }

    /** {@code probe × k} rows, best first; at most {@link #MISSED_MAX} of them are others than the nearest. */
    int[] find() {
        int[] nearest = new int[probes.count() * k];
        int checked = index.count < SCANNED_COUNT ? probes.count() : Math.min(CHECKED, probes.count());
        scan(checked, nearest);
        if (checked == probes.count()) {
            return nearest;
        }
        int[] found = new int[checked * k];
        for (int i = 0; i < REACHES.length; i++) {
            search(0, checked, REACHES[i], CANDIDATES[i], found);
            if (missed(nearest, found) <= MISSED_MAX * found.length) {
                search(checked, probes.count(), REACHES[i], CANDIDATES[i], nearest);
                return nearest;
            }
        }
        scan(probes.count(), nearest);
        return nearest;
    }

    private int missed(int[] nearest, int[] found) {
        int[] seen = new int[index.count];
        int missed = 0;
        for (int i = 0; i < found.length; i++) {
            seen[found[i]] = i / k + 1;
            if (i % k == k - 1) {
                for (int j = i - k + 1; j <= i; j++) {
                    missed += seen[nearest[j]] == i / k + 1 ? 0 : 1;
                }
            }
        }
        return missed;
    }

    private void scan(int count, int[] out) {
        workers.run(count, 4, () -> {
            PartitionedSearcher searcher = index.newPartitionedSearcher(k);
            TopK top = new TopK(k);
            float[] query = new float[index.dimension];
            return (from, to) -> {
                for (int probe = from; probe < to; probe++) {
                    probes.get(probe, query);
                    searcher.searchExactly(query, k, top);
                    take(top, probe, out);
                }
            };
        });
    }

    private void search(int first, int end, float reach, int candidates, int[] out) {
        workers.run(end - first, 4, () -> {
            PartitionedSearcher searcher = index.newPartitionedSearcher(k);
            RowFilter all = new RowFilter(index.count);
            TopK top = new TopK(k);
            float[] query = new float[index.dimension];
            return (from, to) -> {
                for (int probe = first + from; probe < first + to; probe++) {
                    probes.get(probe, query);
                    searcher.search(query, k, all, reach, candidates * k, top);
                    take(top, probe, out);
                }
            };
        });
    }

    private void take(TopK top, int probe, int[] out) {
        for (int i = 0; i < k; i++) {
            out[probe * k + i] = top.row(i);
        }
    }
}
