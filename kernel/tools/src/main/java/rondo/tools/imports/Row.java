package rondo.tools.imports;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One row of a table.
 *
 * @param where  {@code file:line}, what every refusal starts with.
 * @param values by column, null where the row has none: a {@link String}, a {@link Number}, a {@link Boolean}, a {@link List} of those, or something
 *     that no part of an item can be. Formats without types give a {@link NumberText} for what reads as a number.
 */
record Row(String where, Map<String, @Nullable Object> values) {
    private static final int SHOWN_MAX = 60;

    boolean has(String column) {
        return values.containsKey(column);
    }

    IOException refusal(String rule, String column) {
        String shown = String.valueOf(values.get(column)).replaceAll("\\p{Cntrl}", " ");
        return new IOException(where + ": " + rule + ": " + column + "="
                + (shown.length() <= SHOWN_MAX ? shown : shown.substring(0, SHOWN_MAX) + "…"));
    }

    /** An id: a whole number of 64 bits. */
    long whole(String column) throws IOException {
        Object value = values.get(column);
        try {
            return switch (value) {
                case String text -> Long.parseLong(text.strip());
                case NumberText text -> Long.parseLong(text.toString());
                case BigInteger number -> number.longValueExact();
                case BigDecimal number -> number.longValueExact();
                case Double number -> BigDecimal.valueOf(number).longValueExact();
                case Long number -> number;
                case Integer number -> number;
                case Short number -> number;
                case Byte number -> number;
                case null -> throw refusal("an id must not be empty", column);
                default -> throw refusal("an id is a whole number", column);
            };
        } catch (NumberFormatException e) {
            throw refusal("an id is a whole number", column);
        } catch (ArithmeticException e) {
            throw refusal("an id is a whole number of 64 bits", column);
        }
    }

    /** Text, empty when the row has none. */
    String text(@Nullable String column) throws IOException {
        Object value = column == null ? null : values.get(column);
        return switch (value) {
            case null -> "";
            case String text -> text;
            case Number number -> number.toString();
            case Boolean flag -> flag.toString();
            default -> throw refusal("a title is text", String.valueOf(column));
        };
    }

    /** Words: a list of them, or text that a separator cuts; without blanks around them and without empty ones. */
    List<String> words(@Nullable String column, String separator) throws IOException {
        Object value = column == null ? null : values.get(column);
        List<String> words = new ArrayList<>();
        switch (value) {
            case null -> {}
            case List<?> list -> list.forEach(word -> words.add(String.valueOf(word)));
            case String text -> words.addAll(Arrays.asList(text.split(Pattern.quote(separator))));
            case Number number -> words.add(number.toString());
            case Boolean flag -> words.add(flag.toString());
            default -> throw refusal("categories are text or a list of texts", String.valueOf(column));
        }
        return words.stream().map(String::strip).filter(word -> !word.isEmpty()).toList();
    }

    /** A point in time on any scale that grows: a number as it stands, ISO 8601 as seconds of the epoch. */
    double time(String column) throws IOException {
        Object value = values.get(column);
        double time = Double.NaN;
        if (value instanceof Number number) {
            time = number.doubleValue();
        } else if (value instanceof String text) {
            time = NumberText.of(text.strip()) instanceof Number number
                    ? number.doubleValue()
                    : isoSeconds(text.strip());
        }
        if (!Double.isFinite(time)) {
            throw refusal("a time is a number or ISO 8601", column);
        }
        return time;
    }

    private static double isoSeconds(String text) {
        try {
            String iso = text.replace(' ', 'T');
            Instant instant = iso.length() <= 10
                    ? LocalDate.parse(iso).atStartOfDay().toInstant(ZoneOffset.UTC)
                    : iso.endsWith("Z")
                            ? Instant.parse(iso)
                            : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
            return instant.getEpochSecond() + instant.getNano() / 1e9;
        } catch (DateTimeException e) {
            return Double.NaN;
        }
    }

    /** An attribute's value, or null: a finite {@link Number} or text. */
    @Nullable
    Object attribute(String column) throws IOException {
        Object value = values.get(column);
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean flag -> flag.toString();
            case Number number -> {
                double real = number.doubleValue();
                if (Double.isInfinite(real)) {
                    throw refusal("an attribute is a finite number", column);
                }
                yield Double.isNaN(real) ? null : number;
            }
            default -> throw refusal("an attribute is a number or text; --ignore leaves a column out", column);
        };
    }
}
