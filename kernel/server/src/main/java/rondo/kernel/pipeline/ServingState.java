package rondo.kernel.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.collections.Object2ObjectHashMap;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CompiledFilter;
import rondo.agents.catalog.FilterExpression;
import rondo.agents.retrieval.RetrievalSources;

/**
 * One catalogue version with everything retrieval reads beside it; pinned into a slot when its request is admitted, so that one request never sees
 * two versions. The filter cache belongs to the admitting thread, the rest is immutable or has its own single writer.
 */
public final class ServingState {
    /** Distinct filter expressions kept compiled; a further one throws the cache away, which bounds memory. */
    private static final int FILTERS_MAX = 256;

    private final RetrievalSources sources;
    private final Object2ObjectHashMap<FilterKey, CompiledFilter> filters = new Object2ObjectHashMap<>();
    private final FilterKey probe = new FilterKey();

    public ServingState(RetrievalSources sources) {
        this.sources = sources;
    }

    public Catalog catalog() {
        return sources.catalog();
    }

    public RetrievalSources sources() {
        return sources;
    }

    /**
     * The compiled form of a filter expression. Allocates only for an expression not seen before.
     *
     * @return null for an empty expression.
     * @throws IllegalArgumentException when it does not parse; the message names the position.
     */
    @Nullable
    CompiledFilter filter(DirectBuffer buffer, int offset, int length) {
        if (length == 0) {
            return null;
        }
        probe.set(buffer, offset, length);
        CompiledFilter known = filters.get(probe);
        if (known != null) {
            return known;
        }
        CompiledFilter compiled = FilterExpression.parse(new String(probe.copy(), StandardCharsets.UTF_8))
                .compile(catalog());
        if (filters.size() >= FILTERS_MAX) {
            filters.clear();
        }
        FilterKey key = new FilterKey();
        key.set(buffer, offset, length);
        filters.put(key, compiled);
        return compiled;
    }

    /** Expression bytes as a map key; the probe is reused, keys in the map are not. */
    private static final class FilterKey {
        private byte[] bytes = new byte[256];
        private int length;
        private int hash;

        void set(DirectBuffer buffer, int offset, int byteCount) {
            if (bytes.length < byteCount) {
                bytes = new byte[byteCount];
            }
            buffer.getBytes(offset, bytes, 0, byteCount);
            length = byteCount;
            int h = 1;
            for (int i = 0; i < byteCount; i++) {
                h = 31 * h + bytes[i];
            }
            hash = h;
        }

        byte[] copy() {
            return Arrays.copyOf(bytes, length);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof FilterKey key && Arrays.equals(bytes, 0, length, key.bytes, 0, key.length);
        }
    }
}
