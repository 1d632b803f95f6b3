package rondo.tools.imports;

import java.util.regex.Pattern;

/**
 * A field of text that reads as a number. A column is of numbers only when all of its fields are, which is known at its end; until then the text is
 * kept as it was.
 */
final class NumberText extends Number {
    private static final long serialVersionUID = 1L;

    /** A decimal number, but not one like 007, whose zeros say that it is a name. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?(0|[1-9]\\d*|(?=\\.\\d))(\\.\\d*)?([eE][+-]?\\d+)?");

    private final String text;

    private NumberText(String text) {
        this.text = text;
    }

    /** The text itself, or a number when it reads as a finite one. */
    static Object of(String text) {
        boolean isNumber = NUMBER.matcher(text).matches() && Double.isFinite(Double.parseDouble(text));
        return isNumber ? new NumberText(text) : text;
    }

    @Override
    public int intValue() {
        return (int) doubleValue();
    }

    @Override
    public long longValue() {
        return (long) doubleValue();
    }

    @Override
    public float floatValue() {
        return (float) doubleValue();
    }

    @Override
    public double doubleValue() {
        return Double.parseDouble(text);
    }

    @Override
    public String toString() {
        return text;
    }
}
