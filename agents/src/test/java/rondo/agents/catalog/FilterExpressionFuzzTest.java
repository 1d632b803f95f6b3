package rondo.agents.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import rondo.ann.RowFilter;

/**
 * Goal: any text is a filter, or is refused with the position of what is wrong. Method: an input is UTF-8; there is no encoder to go round with, so what is
 * taken must obey the algebra: the same in brackets, with itself, and twice negated.
 */
class FilterExpressionFuzzTest {
    private static final int ITEMS = 70;

    /** Longer ones say nothing new and take longer. */
    private static final int LENGTH_MAX = 256;

    private static final List<String> SAME = List.of("(%1$s)", "(%1$s) and (%1$s)", "(%1$s) or %1$s", "not not (%1$s)");

    private static int parsedCount;
    private static int compiledCount;
    private static int refusedCount;

    private final Catalog catalog = catalog();

    private static Catalog catalog() {
        CatalogBuilder builder = new CatalogBuilder();
        for (int i = 0; i < ITEMS; i++) {
            builder.addItem(
                    i,
                    "",
                    i % 3 == 0 ? List.of("Drama") : List.of("War"),
                    i % 7 == 0 ? Map.of() : Map.of("year", 1980 + i, "country", i % 2 == 0 ? "DE" : "PT"));
        }
        return builder.build(1);
    }

    @FuzzTest
    void shouldParseOrSayWhereItIsWrong(byte[] utf8) {
        if (utf8.length > LENGTH_MAX) {
            return;
        }
        String text = new String(utf8, StandardCharsets.UTF_8);
        RowFilter rows;
        try {
            FilterExpression filter = FilterExpression.parse(text);
            parsedCount++;
            rows = filter.compile(catalog).rows();
        } catch (IllegalArgumentException e) {
            refusedCount++;
            assertTrue(String.valueOf(e.getMessage()).startsWith("filter, position "), e::getMessage);
            return;
        }
        compiledCount++;
        // One level more may be one too many, and what says 'seen' is not to be negated again.
        if (text.indexOf('(') < 0 && !text.toLowerCase(Locale.ROOT).contains("not")) {
            requireSame(rows, String.format(Locale.ROOT, SAME.get(utf8.length % SAME.size()), text));
        }
    }

    private void requireSame(RowFilter expected, String text) {
        RowFilter found = FilterExpression.parse(text).compile(catalog).rows();
        for (int row = 0; row < ITEMS; row++) {
            assertEquals(expected.passes(row), found.passes(row), text);
        }
    }

    @AfterAll
    static void shouldHaveSeenEach() {
        assertTrue(
                compiledCount > 0 && parsedCount > compiledCount && refusedCount > 0,
                "parsed=" + parsedCount + ", compiled=" + compiledCount + ", refused=" + refusedCount);
    }
}
