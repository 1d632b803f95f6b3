package rondo.tools.imports;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON object a line; blank lines are skipped. A row has the columns that its object has. */
final class JsonLinesTable implements TableReader {
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final TextFile text;

    JsonLinesTable(TextFile text) {
        this.text = text;
    }

    @Override
    public @Nullable Row next() throws IOException {
        String json = text.nextLine();
        return json == null ? null : row(json);
    }

    private Row row(String json) throws IOException {
        JsonNode node;
        try {
            node = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    text.where() + ": a line is one JSON object: column="
                            + (e.getLocation() == null ? 1 : e.getLocation().getColumnNr()) + ", reason="
                            + String.valueOf(e.getOriginalMessage()).replace('\n', ' '),
                    e);
        }
        if (!node.isObject()) {
            throw new IOException(text.where() + ": a line is one JSON object: found=" + node.getNodeType());
        }
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        node.properties().forEach(property -> values.put(property.getKey(), value(property.getValue())));
        return new Row(text.where(), values);
    }

    private static @Nullable Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> node.textValue().isEmpty() ? null : node.textValue();
            case NUMBER -> node.numberValue();
            case BOOLEAN -> node.booleanValue();
            case NULL -> null;
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (JsonNode element : node) {
                    if (!element.isValueNode()) {
                        yield node;
                    }
                    list.add(element.asText());
                }
                yield list;
            }
            default -> node;
        };
    }

    @Override
    public long done() throws IOException {
        return text.done();
    }

    @Override
    public long total() throws IOException {
        return text.length();
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
