package rondo.jmh.micro;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import rondo.agents.filter.FilterAgent;
import rondo.ann.RowFilter;

/**
 * Question: what does picking 20 of 200 ranked candidates with maximal marginal relevance cost? Baseline: the same hard rules without diversification.
 */
@State(Scope.Thread)
public class Diversification {
    private static final int CANDIDATES = 200;
    private static final int CATEGORIES = 24;
    private static final int CATEGORIES_EACH = 3;
    private static final int SLATE = 20;
    private static final int OFF = 0;
    private static final int MEDIUM = 2;

    private final FilterAgent agent = new FilterAgent(CANDIDATES);
    private final int[] rows = new int[CANDIDATES];
    private final int[] order = new int[CANDIDATES];
    private final long[] categories = new long[CANDIDATES];
    private final float[] scores = new float[CANDIDATES];
    private final int[] selected = new int[CANDIDATES];
    private final RowFilter allowed = new RowFilter(CANDIDATES);

    /** Candidates with up to three categories each. */
    public Diversification() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < CANDIDATES; i++) {
            rows[i] = i;
            order[i] = i;
            scores[i] = 1f - (float) i / CANDIDATES;
            for (int c = 0; c < CATEGORIES_EACH; c++) {
                categories[i] |= 1L << random.nextInt(CATEGORIES);
            }
        }
    }

    /** Medium strength. */
    @Benchmark
    public int select() {
        return agent.select(MEDIUM, rows, categories, order, scores, CANDIDATES, allowed, SLATE, selected);
    }

    /** The baseline. */
    @Benchmark
    public int baselineByScore() {
        return agent.select(OFF, rows, categories, order, scores, CANDIDATES, allowed, SLATE, selected);
    }
}
