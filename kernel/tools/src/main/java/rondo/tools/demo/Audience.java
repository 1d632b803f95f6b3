package rondo.tools.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.SlateView;

/**
 * A simulated audience over items with categories and vectors; everything follows from the seed.
 *
 * <p>Each user belongs to one of {@link #SEGMENTS} segments and wants one category; the stored user vector points to it. A slate is looked at from
 * the top; a place is reached with falling probability, and an item of the wanted category is clicked far more often than another. When the
 * intent shifts, each segment's users want other categories, and the stored vectors are out of date. Now and then a user finds an item of the wanted
 * category without any slate; that is all that tells a server of the shift, beside the clicks.
 */
final class Audience {
    static final int SEGMENTS = 4;
    static final int USERS = 400;

    private static final double CLICK_WANTED = 0.20;
    private static final double CLICK_OTHER = 0.005;
    private static final double FIND_RATE = 0.5;
    private static final double CONTINUE = 0.93;

    private final SplittableRandom random;
    private final long[] itemIds;
    private final int[] categoryOfItem;
    private final Map<Long, Integer> indexOf;
    private final List<List<Integer>> itemsOfCategory;
    private final int[] wanted = new int[USERS];
    private final int[] segment = new int[USERS];
    private final int categoryCount;

    /**
     * @param categoryOfItem category of each item, by the index of {@code itemIds}; −1 for none.
     * @param wanted         category that each user wants at first.
     */
    Audience(long seed, long[] itemIds, int[] categoryOfItem, int categoryCount, int[] wanted) {
        this.random = new SplittableRandom(seed);
        this.itemIds = itemIds;
        this.categoryOfItem = categoryOfItem;
        this.categoryCount = categoryCount;
        this.indexOf = new java.util.HashMap<>(itemIds.length * 2);
        this.itemsOfCategory = new ArrayList<>();
        for (int c = 0; c < categoryCount; c++) {
            itemsOfCategory.add(new ArrayList<>());
        }
        for (int i = 0; i < itemIds.length; i++) {
            indexOf.put(itemIds[i], i);
            if (categoryOfItem[i] >= 0) {
                itemsOfCategory.get(categoryOfItem[i]).add(i);
            }
        }
        for (int user = 0; user < USERS; user++) {
            segment[user] = user % SEGMENTS;
            this.wanted[user] = wanted[user];
        }
    }

    int segment(int user) {
        return segment[user];
    }

    /** Who comes next. */
    int nextUser() {
        return random.nextInt(USERS);
    }

    /** Every user wants another category from now on; which one depends on the segment. */
    void shift() {
        for (int user = 0; user < USERS; user++) {
            int step = 1 + (segment[user] * 3 + 5) % (categoryCount - 1);
            wanted[user] = (wanted[user] + step) % categoryCount;
            while (itemsOfCategory.get(wanted[user]).isEmpty()) {
                wanted[user] = (wanted[user] + 1) % categoryCount;
            }
        }
    }

    /** The place in the slate that the user clicks, −1 for none. */
    int click(int user, SlateView slate) {
        for (int place = 0; place < slate.size(); place++) {
            Integer item = indexOf.get(slate.itemId(place));
            boolean isWanted = item != null && categoryOfItem[item] == wanted[user];
            if (random.nextDouble() < (isWanted ? CLICK_WANTED : CLICK_OTHER)) {
                return place;
            }
            if (random.nextDouble() > CONTINUE) {
                return -1;
            }
        }
        return -1;
    }

    /** An item that the user finds without a slate, or null. */
    @Nullable
    Long find(int user) {
        if (random.nextDouble() > FIND_RATE) {
            return null;
        }
        List<Integer> items = itemsOfCategory.get(wanted[user]);
        // The square makes some items of a category popular.
        double u = random.nextDouble();
        return itemIds[items.get((int) (u * u * items.size()))];
    }

    private static final String[] MOODS = {
        "Quiet",
        "Golden",
        "Northern",
        "Hidden",
        "Electric",
        "Distant",
        "Bright",
        "Paper",
        "Silver",
        "Wild",
        "Midnight",
        "Slow"
    };
    private static final String[] THINGS = {
        "Harbour",
        "Garden",
        "Signal",
        "Orchard",
        "Circuit",
        "Letter",
        "Mountain",
        "River",
        "Parade",
        "Engine",
        "Mirror",
        "Carnival"
    };
    private static final String[] KINDS = {
        "Adventure",
        "Animation",
        "Biography",
        "Comedy",
        "Cooking",
        "Crime",
        "Dance",
        "Design",
        "Drama",
        "Family",
        "Fantasy",
        "History",
        "Horror",
        "Jazz",
        "Magic",
        "Music",
        "Mystery",
        "Nature",
        "News",
        "Opera",
        "Poetry",
        "Politics",
        "Puzzle",
        "Romance",
        "Sailing",
        "Science",
        "Sport",
        "Theatre",
        "Thriller",
        "Travel",
        "War",
        "Western"
    };

    /** Fills {@code catalog} with generated items and users, and returns their audience. */
    static Audience generate(long seed, int itemCount, int dimension, CatalogBuilder catalog) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
        int categoryCount = KINDS.length;
        float[][] centres = new float[categoryCount][dimension];
        for (float[] centre : centres) {
            for (int d = 0; d < dimension; d++) {
                centre[d] = (float) (random.nextGaussian() / Math.sqrt(dimension));
            }
        }
        long[] ids = new long[itemCount];
        int[] categories = new int[itemCount];
        float[] vectors = new float[itemCount * dimension];
        for (int i = 0; i < itemCount; i++) {
            ids[i] = 1_000L + i;
            categories[i] = random.nextInt(categoryCount);
            String title = MOODS[random.nextInt(MOODS.length)] + " " + THINGS[random.nextInt(THINGS.length)] + " " + i;
            catalog.addItem(ids[i], title, List.of(KINDS[categories[i]]), Map.of("year", 1950 + random.nextInt(75)));
            double norm = Math.min(2, Math.pow(random.nextDouble(), -1 / 8.0));
            for (int d = 0; d < dimension; d++) {
                double noise = 0.5 * random.nextGaussian() / Math.sqrt(dimension);
                vectors[i * dimension + d] = (float) ((centres[categories[i]][d] + noise) * norm);
            }
        }
        catalog.itemVectors(vectors, dimension);
        int[] wanted = new int[USERS];
        long[] userIds = new long[USERS];
        float[] users = new float[USERS * dimension];
        for (int user = 0; user < USERS; user++) {
            userIds[user] = user;
            wanted[user] = random.nextInt(categoryCount);
            for (int d = 0; d < dimension; d++) {
                users[user * dimension + d] =
                        (float) (centres[wanted[user]][d] + 0.3 * random.nextGaussian() / Math.sqrt(dimension));
            }
        }
        catalog.userVectors(userIds, users, dimension);
        return new Audience(seed, ids, categories, categoryCount, wanted);
    }
}
