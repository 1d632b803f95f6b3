package rondo.tools.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Set;

/**
 * Means over users of Recall@K = hits/|test|, NDCG@K with ideal min(K, |test|), and HR@K, the share of users with a hit. Users without test items do
 * not count.
 */
final class RankingMetrics {
    private static final double LOG2 = Math.log(2);

    private double recall20;
    private double recall50;
    private double ndcg10;
    private double ndcg20;
    private double hit10;
    private double hit20;
    private int userCount;

    /** Adds one user's ranked items against the items of the test set. */
    void add(long[] ranked, int count, int[] test) {
        if (test.length == 0) {
            return;
        }
        Set<Long> wanted = new HashSet<>();
        for (int item : test) {
            wanted.add((long) item);
        }
        userCount++;
        recall20 += hits(ranked, Math.min(20, count), wanted) / (double) wanted.size();
        recall50 += hits(ranked, Math.min(50, count), wanted) / (double) wanted.size();
        ndcg10 += ndcg(ranked, Math.min(10, count), 10, wanted);
        ndcg20 += ndcg(ranked, Math.min(20, count), 20, wanted);
        hit10 += hits(ranked, Math.min(10, count), wanted) > 0 ? 1 : 0;
        hit20 += hits(ranked, Math.min(20, count), wanted) > 0 ? 1 : 0;
    }

    private static int hits(long[] ranked, int depth, Set<Long> wanted) {
        int hits = 0;
        for (int i = 0; i < depth; i++) {
            hits += wanted.contains(ranked[i]) ? 1 : 0;
        }
        return hits;
    }

    private static double ndcg(long[] ranked, int depth, int k, Set<Long> wanted) {
        double gain = 0;
        for (int i = 0; i < depth; i++) {
            gain += wanted.contains(ranked[i]) ? LOG2 / Math.log(i + 2) : 0;
        }
        double ideal = 0;
        for (int i = 0; i < Math.min(k, wanted.size()); i++) {
            ideal += LOG2 / Math.log(i + 2);
        }
        return gain / ideal;
    }

    int userCount() {
        return userCount;
    }

    void write(ObjectNode out) {
        double users = Math.max(1, userCount);
        out.put("recall@20", recall20 / users);
        out.put("recall@50", recall50 / users);
        out.put("ndcg@10", ndcg10 / users);
        out.put("ndcg@20", ndcg20 / users);
        out.put("hr@10", hit10 / users);
        out.put("hr@20", hit20 / users);
    }
}
