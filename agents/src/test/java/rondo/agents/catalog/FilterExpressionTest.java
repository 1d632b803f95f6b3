package rondo.agents.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rondo.ann.RowFilter;

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

    @ParameterizedTest
    @ValueSource(doubles = {-1e300, -1, -0.0, 0, 1, 1.0000000000000002, 2, 1e300})
    void shouldCompareAsNumbersDo(double wanted) {
        Map<String, BiPredicate<Double, Double>> operators = Map.of(
                "=", (a, b) -> a.doubleValue() == b.doubleValue(),
                "!=", (a, b) -> a.doubleValue() != b.doubleValue(),
                "<", (a, b) -> a < b,
                "<=", (a, b) -> a <= b,
                ">", (a, b) -> a > b,
                ">=", (a, b) -> a >= b);
        double[] found = {-2, -1, -0.0, 0, Double.MIN_VALUE, 1, 1.0000000000000002, 2, 1e300};
        CatalogBuilder builder = new CatalogBuilder();
        for (int i = 0; i < found.length; i++) {
            builder.addItem(i, "", List.of(), Map.of("a", found[i]));
        }
        Catalog numbers = builder.build(1);
        operators.forEach((operator, holds) -> {
            RowFilter rows = FilterExpression.parse("a " + operator + wanted)
                    .compile(numbers)
                    .rows();
            for (int i = 0; i < found.length; i++) {
                assertEquals(holds.test(found[i], wanted), rows.passes(i), found[i] + operator + wanted);
            }
        });
    }

    /** Goal: nobody holds the thread that serves everybody for longer than some requests take. */
    @Test
    void shouldRefuseMoreComparisonsThanSoManyItemsAllow() {
        CatalogBuilder builder = new CatalogBuilder();
        for (int i = 0; i < 200_000; i++) {
            builder.addItem(i, "", List.of(), Map.of("a", i));
        }
        Catalog many = builder.build(1);
        String allowed = "a=1" + " or a=2".repeat(166);
        assertEquals(1, FilterExpression.parse(allowed).compile(many).rows().next(0));
        for (String text : List.of(allowed + " or a=3", "a in (1" + ",2".repeat(167) + ")")) {
            String message = String.valueOf(assertThrows(
                            IllegalArgumentException.class,
                            () -> FilterExpression.parse(text).compile(many))
                    .getMessage());
            assertTrue(message.contains("comparisons=168, max=167, items=200000"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=1 and not seen or a=2",
                "a=2 or a=1 and not seen",
                "a=2 or not seen",
                "not (a=1 and not seen)",
                "not not seen",
                "seen",
                "a=1e999",
                "a=--1"
            })
    void shouldRefuseWhatItCouldNotKeep(String text) {
        assertThrows(IllegalArgumentException.class, () -> FilterExpression.parse(text));
    }

    @Test
    void shouldTakeUnseenAmongWhatHoldsTogether() {
        RowFilter rows = FilterExpression.parse("(a=1 or a=2) and (a<2 and not seen)")
                .compile(catalog)
                .rows();
        assertEquals(1, rows.next(0));
        assertEquals(-1, rows.next(2));
    }
}
