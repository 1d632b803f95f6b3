package rondo.nativeconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The launcher's list of JVM options and the one that the build's tests run with. */
class JvmOptionsTest {
    private static final Pattern OF_TESTS = Pattern.compile("<rondo.jvm.args>(.*?)</rondo.jvm.args>", Pattern.DOTALL);

    private static List<String> launcher() throws IOException {
        Path root = Path.of(System.getProperty("rondo.root"));
        return options(Files.readString(root.resolve("native-config/src/main/jvm/rondo.jvmopts")));
    }

    private static List<String> tests() throws IOException {
        Path root = Path.of(System.getProperty("rondo.root"));
        Matcher matcher = OF_TESTS.matcher(Files.readString(root.resolve("pom.xml")));
        assertTrue(matcher.find());
        return options(matcher.group(1));
    }

    private static List<String> options(String text) {
        return Arrays.stream(text.split("\n", -1))
                .map(String::trim)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    @Test
    void shouldOpenForTestsExactlyWhatTheLauncherOpens() throws IOException {
        List<String> launcher =
                launcher().stream().filter(option -> option.startsWith("--")).toList();
        List<String> tests =
                tests().stream().filter(option -> option.startsWith("--")).toList();
        assertFalse(tests.isEmpty());
        assertEquals(new TreeSet<>(launcher), new TreeSet<>(tests));
    }

    @Test
    void shouldTestWithNoOptionThatTheLauncherLacks() throws IOException {
        TreeSet<String> more = new TreeSet<>(tests());
        more.removeAll(launcher());
        assertEquals(new TreeSet<>(), more);
    }
}
