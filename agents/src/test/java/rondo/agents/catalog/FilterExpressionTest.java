package rondo.agents.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FilterExpressionTest {
    /** Bytes of a filter that a request has room for. */
    private static final int LENGTH_MAX = 64 * 1024;

    private final Catalog catalog = catalog();

    private static Catalog catalog() {
        CatalogBuilder builder = new CatalogBuilder();
        for (int i = 0; i < 3; i++) {
            builder.addItem(i, "", List.of(), Map.of("a", i));
        }
        return builder.build(1);
    }

    /** Goal: the longest filter of a request takes no more stack than a short one. Method: a thread whose stack a few hundred nested calls would end. */
    @Test
    void shouldCompileTheLongestFilterOnASmallStack() throws InterruptedException {
        for (String word : new String[] {"or", "and"}) {
            String comparison = "a<2" + word + " ";
            String text = comparison.repeat(LENGTH_MAX / comparison.length() - 1) + "a<2";
            int[] firstBeyond = {Integer.MAX_VALUE};
            Thread thread = new Thread(
                    null,
                    () -> firstBeyond[0] =
                            FilterExpression.parse(text).compile(catalog).rows().next(2),
                    "small",
                    192 * 1024);
            thread.start();
            thread.join();
            assertEquals(-1, firstBeyond[0], word);
        }
    }

    @Test
    void shouldRefuseMoreLevelsThanThereMayBe() {
        String text = "(".repeat(65) + "a=1" + ")".repeat(65);
        assertTrue(String.valueOf(assertThrows(IllegalArgumentException.class, () -> FilterExpression.parse(text))
                        .getMessage())
                .contains("levels"));
    }
}
