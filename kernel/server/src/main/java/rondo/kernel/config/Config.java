package rondo.kernel.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import rondo.reward.evolution.Challenger;

/**
 * Checked values of every {@link Setting}; immutable, so any thread may read it. Made from defaults, then a file, then single overrides, each of
 * which is checked where it stands.
 */
public final class Config {
    private static final int DEPTH_MAX = 16;

    /** What no YAML takes for anything but a text or number of just these characters. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_/](?:[:,+=@]?[A-Za-z0-9_/.-])*+");

    private final Map<Setting, Object> values;
    private final Map<Setting, String> origins;

    private Config(Map<Setting, Object> values, Map<Setting, String> origins) {
        this.values = values;
        this.origins = origins;
    }

    /** Every setting at its default. */
    public static Config defaults() {
        Map<Setting, Object> values = new EnumMap<>(Setting.class);
        Map<Setting, String> origins = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            values.put(setting, setting.parse(setting.defaultText(), "default"));
            origins.put(setting, "default");
        }
        return new Config(values, origins);
    }

    /**
     * Reads a file over the defaults.
     *
     * @throws ConfigException naming file and line, for an unknown key, a wrong type, a value outside its bounds, or broken YAML.
     */
    public static Config load(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e.getClass().getSimpleName());
        }
        return parse(text, file.toString());
    }

    /** As {@link #load}, from text; {@code name} stands for the file in messages. */
    public static Config parse(String text, String name) {
        Config config = defaults();
        LoadSettings settings = LoadSettings.builder().setLabel(name).build();
        Optional<Node> root;
        try {
            requireFlat(text, settings, name);
            root = new Compose(settings).composeString(text);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new ConfigException(name + ":" + line + ": is not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ConfigException(name + ": is not YAML: " + e.getMessage());
        }
        root.ifPresent(node -> config.read(node, "", name));
        return config.concluded(name);
    }

    /** What builds the tree calls itself for each level, as deep as a stack is. */
    private static void requireFlat(String text, LoadSettings settings, String name) {
        int depth = 0;
        for (Event event : new Parse(settings).parseString(text)) {
            if (event instanceof CollectionStartEvent && ++depth > DEPTH_MAX) {
                throw new ConfigException(name + ":"
                        + event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1)
                        + ": is no configuration: at most " + DEPTH_MAX + " levels");
            }
            depth -= event instanceof CollectionEndEvent ? 1 : 0;
        }
    }

    private void read(Node node, String prefix, String name) {
        if (!(node instanceof MappingNode mapping)) {
            throw new ConfigException(line(node, name) + ": must be a mapping of settings: at="
                    + (prefix.isEmpty() ? "the top" : prefix));
        }
        for (NodeTuple entry : mapping.getValue()) {
            String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
            String path = prefix.isEmpty() ? key : prefix + "." + key;
            Setting setting = find(path);
            if (setting != null) {
                if (!(entry.getValueNode() instanceof ScalarNode value)) {
                    throw new ConfigException(
                            line(entry.getValueNode(), name) + ": " + path + " must be a single value");
                }
                values.put(setting, setting.parse(value.getValue(), line(value, name)));
                origins.put(setting, line(value, name));
            } else if (isGroup(path)) {
                read(entry.getValueNode(), path, name);
            } else {
                throw new ConfigException(line(entry.getKeyNode(), name) + ": unknown key: key=" + path
                        + ", known here=" + known(prefix));
            }
        }
    }

    /** Commented YAML that can be saved and used as it is; what differs from its default comes with where it was set. */
    public String toYaml() {
        StringBuilder out = new StringBuilder();
        String group = "";
        for (Setting setting : Setting.values()) {
            String path = setting.path();
            int dot = path.indexOf('.');
            String prefix = dot < 0 ? "" : path.substring(0, dot);
            if (!prefix.isEmpty() && !prefix.equals(group)) {
                out.append(prefix).append(":\n");
            }
            group = prefix;
            String indent = dot < 0 ? "" : "  ";
            String origin = origin(setting).equals("default") ? "" : " [" + origin(setting) + "]";
            out.append(indent)
                    .append("# ")
                    .append(setting.reason())
                    .append(origin)
                    .append('\n');
            out.append(indent).append(path.substring(dot + 1)).append(": ");
            out.append(yaml(value(setting))).append('\n');
        }
        return out.toString();
    }

    /** In quotes when it would not be read as it stands. */
    private static String yaml(Object value) {
        String text = value.toString();
        if (PLAIN.matcher(text).matches()) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c >= ' ' && c <= '~') {
                quoted.append(c);
            } else {
                quoted.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
            }
        }
        return quoted.append('"').toString();
    }

    /**
     * Writes {@link #toYaml} into a file, whole or not at all.
     *
     * @throws IOException when it cannot be written.
     */
    public void save(Path file) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(fresh, toYaml());
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A copy with one setting changed, as a command-line option does. */
    public Config with(Setting setting, Object value) {
        Map<Setting, Object> changed = new EnumMap<>(values);
        Map<Setting, String> from = new EnumMap<>(origins);
        changed.put(setting, setting.parse(value.toString(), "option"));
        from.put(setting, "option");
        return new Config(changed, from).concluded("option");
    }

    private Config concluded(String name) {
        if (real(Setting.ALPHA_MIN) > real(Setting.ALPHA_MAX)) {
            throw new ConfigException(name + ": reward.alphaMin must not exceed reward.alphaMax: reward.alphaMin="
                    + real(Setting.ALPHA_MIN) + ", reward.alphaMax=" + real(Setting.ALPHA_MAX));
        }
        if (real(Setting.SESSION_WEIGHT) + real(Setting.DIVERSITY_WEIGHT) > 1) {
            throw new ConfigException(name
                    + ": reward.sessionWeight and reward.diversityWeight must add up to at most 1: reward.sessionWeight="
                    + real(Setting.SESSION_WEIGHT) + ", reward.diversityWeight=" + real(Setting.DIVERSITY_WEIGHT));
        }
        // A gap that nobody waits for may be longer than a short window.
        if (real(Setting.SESSION_WEIGHT) > 0 && whole(Setting.SESSION_GAP_MS) > whole(Setting.OUTCOME_WINDOW_MS)) {
            throw new ConfigException(name
                    + ": reward.sessionGapMs must not exceed learning.windowMs while reward.sessionWeight is above 0: reward.sessionGapMs="
                    + whole(Setting.SESSION_GAP_MS) + ", learning.windowMs=" + whole(Setting.OUTCOME_WINDOW_MS));
        }
        try {
            Challenger.parse(text(Setting.CHALLENGERS));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    origin(Setting.CHALLENGERS) + ": " + Setting.CHALLENGERS.path() + ": " + e.getMessage());
        }
        if (flag(Setting.ARTICLE) && !flag(Setting.MONITORING)) {
            throw new ConfigException(
                    name
                            + ": the article's monitors look beside the others: monitor.on must be true while monitor.article is: monitor.on=false");
        }
        if (flag(Setting.LEARNING) && !flag(Setting.MONITORING)) {
            throw new ConfigException(
                    name
                            + ": agents do not learn unwatched: monitor.on must be true while learning.on is: monitor.on=false");
        }
        return this;
    }

    public String text(Setting setting) {
        return (String) value(setting);
    }

    public long whole(Setting setting) {
        return (Long) value(setting);
    }

    public double real(Setting setting) {
        return (Double) value(setting);
    }

    public boolean flag(Setting setting) {
        return (Boolean) value(setting);
    }

    /** The value, of whatever type it is. */
    public Object value(Setting setting) {
        Object value = values.get(setting);
        if (value == null) {
            throw new IllegalStateException("setting without a value: setting=" + setting.path());
        }
        return value;
    }

    /** Where the value came from: {@code default}, {@code option}, or file and line. */
    public String origin(Setting setting) {
        return origins.getOrDefault(setting, "default");
    }

    private static @Nullable Setting find(String path) {
        for (Setting setting : Setting.values()) {
            if (setting.path().equals(path)) {
                return setting;
            }
        }
        return null;
    }

    private static boolean isGroup(String path) {
        for (Setting setting : Setting.values()) {
            if (setting.path().startsWith(path + ".")) {
                return true;
            }
        }
        return false;
    }

    private static List<String> known(String prefix) {
        List<String> names = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            if (prefix.isEmpty() || setting.path().startsWith(prefix + ".")) {
                String rest = prefix.isEmpty() ? setting.path() : setting.path().substring(prefix.length() + 1);
                String first = rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest;
                if (!names.contains(first)) {
                    names.add(first);
                }
            }
        }
        return names;
    }

    private static String line(Node node, String name) {
        return name + ":" + node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
