package rondo.agents.catalog;

import java.util.ArrayList;
import java.util.List;
import rondo.ann.RowFilter;

/**
 * A condition on items, parsed once and evaluated on bitmaps.
 *
 * <pre>
 * condition  = term { "or" term }
 * term       = factor { "and" factor }
 * factor     = "not" factor | "(" condition ")" | comparison | "seen"
 * comparison = name ( "=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=" ) value | name "in" "(" value { "," value } ")"
 * value      = number | "text in double quotes"
 * </pre>
 *
 * {@code category} and {@code genre}, unless an attribute has that name, ask about an item's categories: equality means membership. An item that
 * lacks an attribute passes no comparison on it but {@code !=}. {@code seen} may only stand as {@code not seen}, joined by {@code and}: what a user has
 * consumed is taken out for each request anyway.
 */
public final class FilterExpression {
    /**
     * Looks at an item's attribute, all comparisons and items together: some twenty milliseconds. Who asks first for an expression has it compiled on the thread that serves
     * everybody.
     */
    private static final long LOOKS_MAX = 1 << 25;

    /** So many comparisons are allowed whatever the catalogue. */
    private static final int COMPARISONS_ALLOWED = 16;

    private final Node root;
    private final int comparisonCount;

    private FilterExpression(Node root, int comparisonCount) {
        this.root = root;
        this.comparisonCount = comparisonCount;
    }

    /**
     * Parses.
     *
     * @throws IllegalArgumentException with position, what was expected and what was found.
     */
    public static FilterExpression parse(String text) {
        Parser parser = new Parser(text);
        Node root = parser.condition();
        parser.expectEnd();
        return new FilterExpression(root, parser.comparisonCount);
    }

    /**
     * Evaluates against every row of a catalogue.
     *
     * @throws IllegalArgumentException for an attribute that the catalogue does not have, a comparison that its type does not allow, or more comparisons than so many items
     *                                  allow.
     */
    public CompiledFilter compile(Catalog catalog) {
        long allowed = Math.max(COMPARISONS_ALLOWED, LOOKS_MAX / Math.max(1, catalog.itemCount()));
        if (comparisonCount > allowed) {
            throw new IllegalArgumentException(
                    "filter: there are more comparisons than so many items allow: comparisons=" + comparisonCount
                            + ", max=" + allowed + ", items=" + catalog.itemCount());
        }
        return new CompiledFilter(root.rows(catalog));
    }

    private interface Node {
        RowFilter rows(Catalog catalog);

        /** Whether {@code not seen} stands in it. */
        default boolean asksForUnseen() {
            return false;
        }
    }

    /** Flat, however many there are: a tree as deep as an expression is long would end a thread's stack. */
    private record And(List<Node> nodes) implements Node {
        @Override
        public RowFilter rows(Catalog catalog) {
            RowFilter rows = nodes.getFirst().rows(catalog);
            for (Node node : nodes.subList(1, nodes.size())) {
                rows.and(node.rows(catalog));
            }
            return rows;
        }

        @Override
        public boolean asksForUnseen() {
            return nodes.stream().anyMatch(Node::asksForUnseen);
        }
    }

    private record Or(List<Node> nodes) implements Node {
        @Override
        public RowFilter rows(Catalog catalog) {
            RowFilter rows = nodes.getFirst().rows(catalog);
            for (Node node : nodes.subList(1, nodes.size())) {
                rows.or(node.rows(catalog));
            }
            return rows;
        }
    }

    private record Not(Node inner) implements Node {
        @Override
        public RowFilter rows(Catalog catalog) {
            RowFilter rows = inner.rows(catalog);
            rows.invert();
            return rows;
        }
    }

    /** Holds for every row; a user's own history is taken out per request. */
    private record Unseen() implements Node {
        @Override
        public RowFilter rows(Catalog catalog) {
            return new RowFilter(catalog.itemCount());
        }

        @Override
        public boolean asksForUnseen() {
            return true;
        }
    }

    private record Comparison(String name, String operator, List<Object> values, int position) implements Node {
        @Override
        public RowFilter rows(Catalog catalog) {
            RowFilter rows = new RowFilter(catalog.itemCount());
            rows.clearAll();
            boolean isNegated = operator.equals("!=");
            Attribute attribute = catalog.attribute(name);
            switch (attribute) {
                case Attribute.Numbers numbers -> numbers(numbers, rows);
                case Attribute.Words words -> {
                    requireEquality();
                    values.forEach(value -> words.addTo(rows, value.toString()));
                }
                case null -> {
                    if (!name.equals("category") && !name.equals("genre")) {
                        throw new IllegalArgumentException("filter, position " + position + ": unknown attribute: name="
                                + name + ", known=" + catalog.attributeNames() + " and category");
                    }
                    requireEquality();
                    values.forEach(value -> catalog.addCategory(value.toString(), rows));
                }
            }
            if (isNegated) {
                rows.invert();
            }
            return rows;
        }

        private void requireEquality() {
            if (operator.startsWith("<") || operator.startsWith(">")) {
                throw new IllegalArgumentException("filter, position " + position
                        + ": only numbers have an order: name=" + name + ", operator=" + operator);
            }
        }

        private void numbers(Attribute.Numbers numbers, RowFilter rows) {
            for (Object value : values) {
                if (!(value instanceof Double wanted)) {
                    throw new IllegalArgumentException("filter, position " + position
                            + ": the attribute is a number: name=" + name + ", value=" + value);
                }
                within(numbers, least(wanted), most(wanted), rows);
            }
        }

        /** The least number that the operator takes, beside this one. */
        private double least(double wanted) {
            return switch (operator) {
                case "<", "<=" -> Double.NEGATIVE_INFINITY;
                case ">" -> Math.nextUp(wanted);
                default -> wanted;
            };
        }

        private double most(double wanted) {
            return switch (operator) {
                case ">", ">=" -> Double.POSITIVE_INFINITY;
                case "<" -> Math.nextDown(wanted);
                default -> wanted;
            };
        }

        private static void within(Attribute.Numbers numbers, double least, double most, RowFilter rows) {
            for (int row = 0; row < rows.count(); row++) {
                double value = numbers.value(row);
                if (value >= least && value <= most) {
                    rows.set(row);
                }
            }
        }
    }

    private static final class Parser {
        private static final int DEPTH_MAX = 64;

        private final String text;
        private int at;
        private int depth;

        /** Values compared with, so far. */
        private int comparisonCount;

        Parser(String text) {
            this.text = text;
        }

        Node condition() {
            if (++depth > DEPTH_MAX) {
                throw error("at most " + DEPTH_MAX + " levels");
            }
            List<Node> terms = new ArrayList<>();
            terms.add(term());
            while (word("or")) {
                terms.add(term());
                if (terms.getFirst().asksForUnseen() || terms.getLast().asksForUnseen()) {
                    throw error("'not seen' joined by 'and' only");
                }
            }
            depth--;
            return terms.size() == 1 ? terms.getFirst() : new Or(terms);
        }

        private Node term() {
            List<Node> factors = new ArrayList<>();
            factors.add(factor());
            while (word("and")) {
                factors.add(factor());
            }
            return factors.size() == 1 ? factors.getFirst() : new And(factors);
        }

        private Node factor() {
            if (word("not")) {
                if (word("seen")) {
                    return new Unseen();
                }
                if (++depth > DEPTH_MAX) {
                    throw error("at most " + DEPTH_MAX + " levels");
                }
                Node inner = factor();
                depth--;
                if (inner.asksForUnseen()) {
                    throw error("'seen' negated once");
                }
                return new Not(inner);
            }
            if (symbol("(")) {
                Node inner = condition();
                expect(")");
                return inner;
            }
            int position = position();
            String name = name();
            if (name.equals("seen")) {
                throw error("'not' before 'seen'");
            }
            if (word("in")) {
                expect("(");
                List<Object> values = new ArrayList<>();
                do {
                    values.add(value());
                } while (symbol(","));
                expect(")");
                return new Comparison(name, "=", List.copyOf(values), position);
            }
            for (String operator : new String[] {"!=", "<=", ">=", "=", "<", ">"}) {
                if (symbol(operator)) {
                    return new Comparison(name, operator, List.of(value()), position);
                }
            }
            throw error("a comparison");
        }

        private Object value() {
            comparisonCount++;
            skipSpace();
            if (at < text.length() && text.charAt(at) == '"') {
                int end = text.indexOf('"', at + 1);
                if (end < 0) {
                    throw error("a closing quote");
                }
                String value = text.substring(at + 1, end);
                at = end + 1;
                return value;
            }
            int start = at;
            while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            double number;
            try {
                number = Double.parseDouble(text.substring(start, at));
            } catch (NumberFormatException e) {
                number = Double.NaN;
            }
            if (!Double.isFinite(number)) {
                at = start;
                throw error("a finite number or a text in double quotes");
            }
            return number;
        }

        private String name() {
            skipSpace();
            int start = at;
            while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
                at++;
            }
            if (at == start) {
                throw error("an attribute name");
            }
            return text.substring(start, at);
        }

        private boolean word(String word) {
            skipSpace();
            int end = at + word.length();
            boolean isWhole =
                    end >= text.length() || !(Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_');
            if (text.regionMatches(true, at, word, 0, word.length()) && isWhole) {
                at = end;
                return true;
            }
            return false;
        }

        private boolean symbol(String symbol) {
            skipSpace();
            if (text.startsWith(symbol, at)) {
                at += symbol.length();
                return true;
            }
            return false;
        }

        private void expect(String symbol) {
            if (!symbol(symbol)) {
                throw error("'" + symbol + "'");
            }
        }

        void expectEnd() {
            skipSpace();
            if (at < text.length()) {
                throw error("'and', 'or' or the end");
            }
        }

        private int position() {
            skipSpace();
            return at + 1;
        }

        private void skipSpace() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private IllegalArgumentException error(String expected) {
            String found =
                    at >= text.length() ? "the end" : "'" + text.substring(at, Math.min(text.length(), at + 12)) + "'";
            return new IllegalArgumentException(
                    "filter, position " + (at + 1) + ": expected " + expected + ", found " + found);
        }
    }
}
