package rondo.ann.partitioned;

import org.jspecify.annotations.Nullable;
import rondo.ann.simd.RowFormat;

/**
 * How a {@link LiveVectorIndex} is kept.
 *
 * @param seed       of the builds.
 * @param rowFormat  of every version.
 * @param threads    of a build; a merge takes as many beside those that search.
 * @param recall     that each version is searched at, in (0, 1].
 * @param plans      that every version is searched by; null to fit them for the recall.
 * @param mergeShare rows that came, changed or went, beside those of the version, at which a merge begins by itself.
 * @param mergeCount no merge begins by itself for fewer of them.
 * @param versionsKept newest versions whose files are kept, so that one can go back to them.
 */
public record LiveOptions(
        long seed,
        RowFormat rowFormat,
        int threads,
        double recall,
        @Nullable SearchPlans plans,
        double mergeShare,
        int mergeCount,
        int versionsKept) {
    /** One thread; a merge at a tenth, and not below 4,096 rows. */
    public static final LiveOptions DEFAULT =
            new LiveOptions(1, RowFormat.FLOAT32, 1, PartitionedVectorIndex.RECALL_DEFAULT, null, 0.1, 4_096, 3);

    public LiveOptions {
        if (threads < 1 || !(mergeShare > 0) || mergeCount < 1 || versionsKept < 1) {
            throw new IllegalArgumentException("threads, mergeShare, mergeCount and versionsKept are positive: threads="
                    + threads + ", mergeShare=" + mergeShare + ", mergeCount=" + mergeCount + ", versionsKept="
                    + versionsKept);
        }
    }
}
