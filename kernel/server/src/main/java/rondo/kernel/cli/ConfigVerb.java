package rondo.kernel.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/** {@code rondo config print|schema|validate}. */
@Command(name = "config", description = "Print the configuration in force, its JSON schema, or check a file.")
final class ConfigVerb extends Verb {
    enum What {
        print,
        schema,
        validate
    }

    @Parameters(index = "0", description = "print, schema or validate")
    private What what = What.print;

    @Option(names = "--config", paramLabel = "FILE", description = "The YAML file; without it the defaults.")
    private @Nullable Path file;

    @Override
    protected boolean run(ObjectNode json) {
        Config config = file == null ? Config.defaults() : Config.load(file);
        switch (what) {
            case print -> print(config, json);
            case schema -> schema(json);
            case validate ->
                out().println((file == null ? "the defaults" : file)
                        + ": every setting is known and within its bounds");
        }
        return true;
    }

    private void print(Config config, ObjectNode json) {
        out().print(config.toYaml());
        ObjectNode values = json.putObject("settings");
        for (Setting setting : Setting.values()) {
            values.putPOJO(setting.path(), config.value(setting));
        }
    }

    private void schema(ObjectNode json) {
        ObjectNode schema = json.putObject("jsonSchema");
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        fill(schema);
        if (!isJson()) {
            out().println(schema.toPrettyString());
        }
    }

    private static void fill(ObjectNode schema) {
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        ObjectNode properties = schema.putObject("properties");
        for (Setting setting : Setting.values()) {
            ObjectNode parent = properties;
            String name = setting.path();
            int dot = name.indexOf('.');
            if (dot >= 0) {
                String group = name.substring(0, dot);
                if (!properties.has(group)) {
                    ObjectNode object = properties.putObject(group);
                    object.put("type", "object");
                    object.put("additionalProperties", false);
                    object.putObject("properties");
                }
                parent = (ObjectNode) properties.get(group).get("properties");
                name = name.substring(dot + 1);
            }
            ObjectNode property = parent.putObject(name);
            property.put("type", setting.schemaType());
            property.put("description", setting.reason());
            property.put("default", setting.defaultText());
            if (setting.isBounded()) {
                property.put("minimum", setting.min());
                property.put("maximum", setting.max());
            }
            if (!setting.choices().isEmpty()) {
                setting.choices().forEach(property.putArray("enum")::add);
            }
        }
    }
}
