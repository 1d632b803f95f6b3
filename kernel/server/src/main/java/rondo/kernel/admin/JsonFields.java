package rondo.kernel.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.List;

/** The fields of one JSON object. A field that nobody knows, or of another type, is an {@link IllegalArgumentException} that names it: never a default. */
final class JsonFields {
    private final JsonNode object;

    JsonFields(JsonNode object, String... known) {
        this.object = object;
        List<String> names = List.of(known);
        for (Iterator<String> given = object.fieldNames(); given.hasNext(); ) {
            String name = given.next();
            if (!names.contains(name)) {
                throw new IllegalArgumentException("unknown field: field=" + name + ", known=" + names);
            }
        }
    }

    long whole(String name) {
        if (object.path(name).isMissingNode()) {
            throw new IllegalArgumentException("a field is missing: field=" + name);
        }
        return whole(name, 0L);
    }

    long whole(String name, long otherwise) {
        JsonNode value = object.path(name);
        require(
                value.isMissingNode() || (value.isIntegralNumber() && value.canConvertToLong()),
                name,
                "a whole number");
        return value.asLong(otherwise);
    }

    int whole(String name, int otherwise) {
        JsonNode value = object.path(name);
        require(value.isMissingNode() || (value.isIntegralNumber() && value.canConvertToInt()), name, "a whole number");
        return value.asInt(otherwise);
    }

    double real(String name, double otherwise) {
        JsonNode value = object.path(name);
        require(value.isMissingNode() || value.isNumber(), name, "a number");
        return value.asDouble(otherwise);
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode value = object.path(name);
        require(value.isMissingNode() || value.isBoolean(), name, "true or false");
        return value.asBoolean(otherwise);
    }

    String text(String name, String otherwise) {
        JsonNode value = object.path(name);
        require(value.isMissingNode() || value.isTextual(), name, "text");
        return value.asText(otherwise);
    }

    private void require(boolean isSo, String name, String what) {
        if (!isSo) {
            throw new IllegalArgumentException(name + " must be " + what + ": " + name + "=" + object.path(name));
        }
    }
}
