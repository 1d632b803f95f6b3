package rondo.nativeconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import rondo.agents.AgentKind;
import rondo.ann.HotPath;
import rondo.client.RondoClient;
import rondo.kernel.cli.Main;
import rondo.reward.RewardRing;

/** What the metadata names is there, and what the code looks up is named. */
class ReachabilityMetadataTest {
    private static final String FILE = "META-INF/native-image/rondo/rondo-server/reachability-metadata.json";

    private final ClassLoader loader = ReachabilityMetadataTest.class.getClassLoader();
    private JsonNode metadata = new ObjectMapper().createObjectNode();

    @BeforeEach
    void read() throws IOException {
        try (InputStream in = loader.getResourceAsStream(FILE)) {
            metadata = new ObjectMapper().readTree(Objects.requireNonNull(in, FILE));
        }
    }

    private Class<?> load(String name) throws ClassNotFoundException {
        return Class.forName(name, false, loader);
    }

    private Set<String> fullyNamedTypes() {
        Set<String> names = new HashSet<>();
        for (JsonNode entry : metadata.path("reflection")) {
            if (entry.path("allDeclaredFields").asBoolean()
                    && entry.path("allDeclaredMethods").asBoolean()) {
                names.add(entry.path("type").asText());
            }
        }
        return names;
    }

    @Test
    void shouldNameOnlyWhatExists() throws Exception {
        assertFalse(metadata.path("reflection").isEmpty());
        for (JsonNode entry : metadata.path("reflection")) {
            Class<?> type = load(entry.path("type").asText());
            for (JsonNode field : entry.path("fields")) {
                assertNotNull(type.getDeclaredField(field.path("name").asText()));
            }
            for (JsonNode method : entry.path("methods")) {
                List<Class<?>> parameters = new ArrayList<>();
                for (JsonNode parameter : method.path("parameterTypes")) {
                    parameters.add(load(parameter.asText()));
                }
                Class<?>[] signature = parameters.toArray(new Class<?>[0]);
                String name = method.path("name").asText();
                assertNotNull(
                        name.equals("<init>")
                                ? type.getDeclaredConstructor(signature)
                                : type.getDeclaredMethod(name, signature));
            }
        }
        for (JsonNode resource : metadata.path("resources")) {
            String glob = resource.path("glob").asText();
            assertNotNull(loader.getResource(glob), glob);
        }
    }

    @Test
    void shouldCoverEveryClassThatPicocliFills() throws Exception {
        Set<String> missing = new TreeSet<>();
        int commandCount = 0;
        for (String name : new CodeUnderImage(Main.class).classNames()) {
            Class<?> type = load(name);
            if (!isFilledByPicocli(type)) {
                continue;
            }
            commandCount += type.isAnnotationPresent(CommandLine.Command.class) ? 1 : 0;
            if (!fullyNamedTypes().contains(name)) {
                missing.add(name);
            }
        }
        assertTrue(commandCount >= 5, "commands found: " + commandCount);
        assertEquals(Set.of(), missing);
    }

    private static boolean isFilledByPicocli(Class<?> type) {
        Stream<AnnotatedElement> elements = Stream.of(
                        Stream.of(type),
                        Arrays.stream(type.getDeclaredFields()),
                        Arrays.stream(type.getDeclaredMethods()))
                .flatMap(all -> all);
        return elements.flatMap(element -> Arrays.stream(element.getAnnotations()))
                .map(Annotation::annotationType)
                .anyMatch(annotation -> annotation.getName().startsWith("picocli."));
    }

    @Test
    void shouldCoverEveryDowncallThatTheCodeMakes() throws Exception {
        Set<String> named = new TreeSet<>();
        for (JsonNode call : metadata.at("/foreign/downcalls")) {
            List<String> parameters = new ArrayList<>();
            call.path("parameterTypes").forEach(parameter -> parameters.add(parameter.asText()));
            named.add(call.path("returnType").asText() + "(" + String.join(",", parameters) + ")");
        }
        CodeUnderImage code =
                new CodeUnderImage(HotPath.class, AgentKind.class, RewardRing.class, RondoClient.class, Main.class);
        assertFalse(code.downcalls().isEmpty());
        assertEquals(code.downcalls(), named);
    }
}
