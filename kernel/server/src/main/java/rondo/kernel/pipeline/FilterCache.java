package rondo.kernel.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.collections.Object2ObjectHashMap;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CompiledFilter;
import rondo.agents.catalog.FilterExpression;
import rondo.ann.HotPath;

/**
 * The filter expressions that requests have brought, compiled for one catalogue version.
 *
 * <pre>
 * field   written by         mode      read by      mode
 * known   admitting thread   volatile  any thread   volatile   a map is never changed once it is here
 * </pre>
 */
final class FilterCache {
    /** Distinct expressions kept; a further one throws all away, which bounds memory. */
    private static final int FILTERS_MAX = 256;

    private final Catalog catalog;
    private volatile Object2ObjectHashMap<Expression, CompiledFilter> known = new Object2ObjectHashMap<>();

    FilterCache(Catalog catalog) {
        this.catalog = catalog;
    }

    /** The compiled form of an expression, or null when nobody has asked for it yet. */
    @HotPath
    @Nullable
    CompiledFilter find(Expression expression) {
        return known.get(expression);
    }

    /**
     * The compiled form of an expression. Allocates only for one not seen before. Admitting thread only.
     *
     * @throws IllegalArgumentException when it does not parse; the message names the position.
     */
    CompiledFilter findOrCompile(Expression expression) {
        CompiledFilter found = known.get(expression);
        if (found != null) {
            return found;
        }
        Expression key = expression.copy();
        CompiledFilter compiled = FilterExpression.parse(key.text()).compile(catalog);
        Object2ObjectHashMap<Expression, CompiledFilter> next = new Object2ObjectHashMap<>();
        if (known.size() < FILTERS_MAX) {
            next.putAll(known);
        }
        next.put(key, compiled);
        known = next;
        return compiled;
    }

    /** An expression's bytes as a map key; one that is looked up by is used again and again, those in a map are not. */
    static final class Expression {
        private final byte[] bytes;
        private int length;
        private int hash;

        /** @param capacity bytes of the longest that it will hold. */
        Expression(int capacity) {
            bytes = new byte[capacity];
        }

        @HotPath
        Expression set(DirectBuffer buffer, int offset, int byteCount) {
            buffer.getBytes(offset, bytes, 0, byteCount);
            length = byteCount;
            int h = 1;
            for (int i = 0; i < byteCount; i++) {
                h = 31 * h + bytes[i];
            }
            hash = h;
            return this;
        }

        private Expression copy() {
            Expression copy = new Expression(length);
            System.arraycopy(bytes, 0, copy.bytes, 0, length);
            copy.length = length;
            copy.hash = hash;
            return copy;
        }

        private String text() {
            return new String(bytes, 0, length, StandardCharsets.UTF_8);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Expression that && Arrays.equals(bytes, 0, length, that.bytes, 0, that.length);
        }
    }
}
