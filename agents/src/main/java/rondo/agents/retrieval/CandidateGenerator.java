package rondo.agents.retrieval;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.ItemToItem;
import rondo.agents.fusion.FusionAgent;
import rondo.ann.HotPath;
import rondo.ann.LongSort;
import rondo.ann.RowFilter;
import rondo.ann.ScoreKey;
import rondo.ann.TopK;
import rondo.ann.VectorIndex;
import rondo.ann.VectorSearcher;

/**
 * Brings candidates by any {@link Route}. One generator belongs to one thread and allocates nothing after construction.
 *
 * <p>Every route brings as many candidates as were asked for while rows pass the filter: what it lacks comes from the popular route and then in
 * row order. A user of whom nothing is known is no error; vector, behaviour and content then are the popular route.
 */
public final class CandidateGenerator {
    private static final int RECENT = 50;
    private static final int TASTE_ITEMS = 20;
    private static final int HISTORY_MAX = 4096;

    /** How much deeper than asked for each part of a blend is read. */
    private static final int BLEND_DEPTH = 2;

    private final RetrievalSources sources;
    private final Catalog catalog;
    private final int capacity;
    private final @Nullable VectorSearcher searcher;
    private final TopK topK;
    private final float[] query;
    private final float[] itemVector;
    private final int[] history = new int[HISTORY_MAX];
    private final float[] scores;
    private final int[] touched;
    private final long[] keys;
    private final RowFilter rest;
    private final Candidates part;
    private final int[] fusedRow;
    private final float[] fusedScore;
    private final byte[] fusedRoute;
    private final int[] fusedSlot;
    private final int[] fusedStamp;
    private final float[] profile = new float[64];
    private final Route[][] parts = new Route[Route.COUNT][];
    private int stamp;

    /** @param capacity most candidates that will be asked for. */
    public CandidateGenerator(RetrievalSources sources, int capacity) {
        this.sources = sources;
        this.catalog = sources.catalog();
        this.capacity = capacity;
        int itemCount = catalog.itemCount();
        VectorIndex vectors = catalog.vectors();
        int depth = capacity * BLEND_DEPTH;
        this.searcher = vectors == null ? null : vectors.newSearcher(depth);
        this.topK = new TopK(depth);
        this.query = new float[Math.max(1, catalog.dimension())];
        this.itemVector = new float[Math.max(1, catalog.dimension())];
        this.scores = new float[itemCount];
        this.touched = new int[itemCount];
        this.keys = new long[itemCount];
        this.rest = new RowFilter(itemCount);
        this.part = new Candidates(depth);
        int fusedMax = depth * 4;
        this.fusedRow = new int[fusedMax];
        this.fusedScore = new float[fusedMax];
        this.fusedRoute = new byte[fusedMax];
        this.fusedSlot = new int[itemCount];
        this.fusedStamp = new int[itemCount];
        for (Route route : Route.values()) {
            List<Route> of = route.parts();
            parts[route.code()] = of.toArray(new Route[0]);
        }
    }

    /**
     * Fills {@code out} with the best candidates of one route.
     *
     * @param fusion      action of the {@link FusionAgent}; of no meaning for a route that blends nothing.
     * @param queryVector of the catalogue's dimension, or null for the user's own.
     * @param allowed     rows that may come.
     * @param wanted      at most the generator's capacity.
     * @return how many came; fewer than {@code wanted} only when fewer rows are allowed.
     */
    @HotPath
    public int generate(
            Route route,
            int fusion,
            long userId,
            float @Nullable [] queryVector,
            RowFilter allowed,
            int wanted,
            Candidates out) {
        if (wanted > capacity) {
            throw new IllegalArgumentException(
                    "wanted exceeds the generator's capacity: wanted=" + wanted + ", capacity=" + capacity);
        }
        out.clear();
        Route[] of = parts[route.code()];
        if (of.length == 1) {
            one(route, userId, queryVector, allowed, wanted, out);
        } else {
            blend(of, fusion, userId, queryVector, allowed, wanted, out);
        }
        fillUp(allowed, wanted, out);
        return out.count();
    }

    @HotPath
    private void one(
            Route route, long userId, float @Nullable [] queryVector, RowFilter allowed, int wanted, Candidates out) {
        switch (route) {
            case VECTOR -> vector(userId, queryVector, allowed, wanted, out);
            case BEHAVIOUR -> behaviour(userId, allowed, wanted, out);
            case CONTENT -> content(userId, allowed, wanted, out);
            default -> popular(allowed, wanted, out);
        }
    }

    @HotPath
    private void vector(long userId, float @Nullable [] queryVector, RowFilter allowed, int wanted, Candidates out) {
        if (searcher == null) {
            return;
        }
        float[] asked = queryVector;
        if (asked == null) {
            if (!catalog.copyUserVector(userId, query) && !meanOfHistory(userId)) {
                return;
            }
            asked = query;
        }
        int found = searcher.search(asked, wanted, allowed, topK);
        for (int i = 0; i < found; i++) {
            out.append(topK.row(i), topK.score(i), Route.VECTOR.code());
        }
    }

    /** The mean of the newest items' vectors stands in for a user who has none. */
    @HotPath
    private boolean meanOfHistory(long userId) {
        int count = Math.min(TASTE_ITEMS, sources.audience().history(userId, history));
        if (count == 0) {
            return false;
        }
        Arrays.fill(query, 0f);
        for (int i = 0; i < count; i++) {
            catalog.copyItemVector(history[i], itemVector);
            for (int d = 0; d < query.length; d++) {
                query[d] += itemVector[d] / count;
            }
        }
        return true;
    }

    @HotPath
    private void behaviour(long userId, RowFilter allowed, int wanted, Candidates out) {
        int count = sources.audience().history(userId, history);
        if (count == 0) {
            return;
        }
        ItemToItem base = catalog.itemToItem();
        if (base == null) {
            recentBehaviour(count, allowed, wanted, out);
            return;
        }
        base.start(scores);
        for (int i = 0; i < count; i++) {
            base.add(history[i], scores);
        }
        // What happened since the weights were computed, on top; every row is looked at below, so nobody needs to know
        // which
        // were touched.
        for (int i = 0; i < Math.min(RECENT, count); i++) {
            sources.coVisits().accumulate(history[i], 1f / (1f + i / 10f), scores, touched, 0);
        }
        int size = 0;
        for (int row = 0; row < scores.length; row++) {
            if (allowed.passes(row)) {
                keys[size++] = ScoreKey.of(scores[row], row);
            }
        }
        take(size, wanted, Route.BEHAVIOUR, out);
        Arrays.fill(scores, 0f);
    }

    @HotPath
    private void recentBehaviour(int historyCount, RowFilter allowed, int wanted, Candidates out) {
        int touchedCount = 0;
        for (int i = 0; i < Math.min(RECENT, historyCount); i++) {
            touchedCount =
                    sources.coVisits().accumulate(history[i], 1f / (1f + i / 10f), scores, touched, touchedCount);
        }
        int size = 0;
        for (int i = 0; i < touchedCount; i++) {
            int row = touched[i];
            if (allowed.passes(row)) {
                keys[size++] = ScoreKey.of(scores[row], row);
            }
            scores[row] = 0f;
        }
        take(size, wanted, Route.BEHAVIOUR, out);
    }

    @HotPath
    private void popular(RowFilter allowed, int wanted, Candidates out) {
        int[] list = sources.popularity().overall();
        for (int i = 0; i < list.length && out.count() < wanted; i++) {
            if (allowed.passes(list[i])) {
                out.append(list[i], 1f / (1f + i), Route.POPULAR.code());
            }
        }
    }

    /** The user's recent categories, each bringing its popular items in proportion to its share. */
    @HotPath
    private void content(long userId, RowFilter allowed, int wanted, Candidates out) {
        int count = Math.min(RECENT, sources.audience().history(userId, history));
        if (count == 0) {
            return;
        }
        Arrays.fill(profile, 0f);
        for (int i = 0; i < count; i++) {
            long bits = catalog.categories(history[i]);
            float share = 1f / ((1f + i / 10f) * Math.max(1, Long.bitCount(bits)));
            for (long left = bits; left != 0; left &= left - 1) {
                profile[Long.numberOfTrailingZeros(left)] += share;
            }
        }
        int touchedCount = 0;
        for (int category = 0; category < profile.length; category++) {
            if (profile[category] == 0f) {
                continue;
            }
            int[] list = sources.popularity().ofCategory(category);
            for (int i = 0; i < list.length; i++) {
                int row = list[i];
                if (scores[row] == 0f) {
                    touched[touchedCount++] = row;
                }
                // Items in several of the user's categories add up; the square root keeps one popular item from
                // outweighing a taste.
                scores[row] += profile[category] / (float) Math.sqrt(10f + i);
            }
        }
        int size = 0;
        for (int i = 0; i < touchedCount; i++) {
            int row = touched[i];
            if (allowed.passes(row)) {
                keys[size++] = ScoreKey.of(
                        scores[row] / (float) Math.sqrt(Math.max(1, Long.bitCount(catalog.categories(row)))), row);
            }
            scores[row] = 0f;
        }
        take(size, wanted, Route.CONTENT, out);
    }

    @HotPath
    private void blend(
            Route[] of,
            int fusion,
            long userId,
            float @Nullable [] queryVector,
            RowFilter allowed,
            int wanted,
            Candidates out) {
        stamp++;
        int size = 0;
        int depth = Math.min(part.capacity(), wanted * BLEND_DEPTH);
        for (Route route : of) {
            part.clear();
            one(route, userId, queryVector, allowed, depth, part);
            for (int i = 0; i < part.count(); i++) {
                int row = part.row(i);
                if (fusedStamp[row] != stamp) {
                    fusedStamp[row] = stamp;
                    fusedSlot[row] = size;
                    fusedRow[size] = row;
                    fusedScore[size] = 0f;
                    fusedRoute[size] = (byte) route.code();
                    size++;
                }
                fusedScore[fusedSlot[row]] += FusionAgent.contribution(fusion, route.code(), i);
            }
        }
        for (int i = 0; i < size; i++) {
            keys[i] = ScoreKey.of(fusedScore[i], i);
        }
        LongSort.sort(keys, size);
        int taken = Math.min(wanted, size);
        for (int i = 0; i < taken; i++) {
            int slot = ScoreKey.index(keys[i]);
            out.append(fusedRow[slot], fusedScore[slot], fusedRoute[slot]);
        }
    }

    @HotPath
    private void fillUp(RowFilter allowed, int wanted, Candidates out) {
        if (out.count() >= wanted) {
            return;
        }
        rest.copyFrom(allowed);
        for (int i = 0; i < out.count(); i++) {
            rest.clear(out.row(i));
        }
        // Scores go on falling below the route's own, so that the order holds.
        float floor = out.count() == 0 ? 0f : out.score(out.count() - 1);
        int[] list = sources.popularity().overall();
        for (int i = 0; i < list.length && out.count() < wanted; i++) {
            if (rest.passes(list[i])) {
                rest.clear(list[i]);
                out.append(list[i], floor - 1e-3f * (out.count() + 1), Route.POPULAR.code());
            }
        }
        for (int row = 0; row < scores.length && out.count() < wanted; row++) {
            if (rest.passes(row)) {
                out.append(row, floor - 1e-3f * (out.count() + 1), Route.POPULAR.code());
            }
        }
    }

    /** Takes the best of the first {@code size} keys; only these are sorted. */
    @HotPath
    private void take(int size, int wanted, Route route, Candidates out) {
        int taken = Math.min(wanted, size);
        if (taken < size) {
            LongSort.select(keys, size, taken);
        }
        LongSort.sort(keys, taken);
        for (int i = 0; i < taken; i++) {
            out.append(ScoreKey.index(keys[i]), ScoreKey.score(keys[i]), route.code());
        }
    }
}
