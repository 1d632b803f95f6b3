package rondo.kernel.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;

/**
 * Goal: any text is a configuration, or is refused with the file's name and, where there is one, the line. Method: an input is UTF-8; what was taken is written
 * as YAML and must read the same.
 */
class ConfigFuzzTest {
    private static final String NAME = "rondo.yaml";

    private static int takenCount;
    private static int refusedCount;

    @FuzzTest
    void shouldTakeOrSayWhatIsWrong(byte[] utf8) {
        Config config;
        try {
            config = Config.parse(new String(utf8, StandardCharsets.UTF_8), NAME);
        } catch (ConfigException e) {
            refusedCount++;
            assertTrue(String.valueOf(e.getMessage()).contains(NAME + ":"), e::getMessage);
            return;
        }
        takenCount++;
        Config again = Config.parse(config.toYaml(), NAME);
        for (Setting setting : Setting.values()) {
            assertEquals(config.value(setting), again.value(setting), setting::path);
        }
    }

    @AfterAll
    static void shouldHaveSeenBoth() {
        assertTrue(takenCount > 0 && refusedCount > 0, "taken=" + takenCount + ", refused=" + refusedCount);
    }
}
