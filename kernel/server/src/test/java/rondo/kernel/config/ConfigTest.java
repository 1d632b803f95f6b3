package rondo.kernel.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ConfigTest {
    private static void refused(String yaml, String... parts) {
        String message = String.valueOf(assertThrows(ConfigException.class, () -> Config.parse(yaml, "rondo.yaml"))
                .getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void shouldReadSettingsOverTheDefaults() {
        Config config = Config.parse("seed: 7\ntcp:\n  port: 9000\n", "rondo.yaml");
        assertEquals(9000, config.whole(Setting.TCP_PORT));
        assertEquals("rondo.yaml:3", config.origin(Setting.TCP_PORT));
        assertEquals("default", config.origin(Setting.ADMIN_PORT));
    }

    @Test
    void shouldNameFileLineRuleAndValue() {
        refused("seed: 1\ntcp:\n  prot: 1\n", "rondo.yaml:3", "unknown key", "tcp.prot", "port");
        refused("tcp:\n  port: many\n", "rondo.yaml:2", "tcp.port must be a whole number", "many");
        refused("request:\n  ringCapacity: -4\n", "rondo.yaml:2", "[2, 65536]", "-4");
        refused("request:\n  ringCapacity: 100\n", "rondo.yaml:2", "power of two");
        refused("learning:\n  on: perhaps\n", "rondo.yaml:2", "true or false");
        refused("reward:\n  alphaMin: NaN\n", "rondo.yaml:2", "NaN");
        refused("tcp: [1, 2]\n", "rondo.yaml:1", "mapping");
        refused("a: b: c\n", "rondo.yaml:1", "not YAML");
        refused("reward:\n  alphaMin: 0.9\n", "alphaMin must not exceed");
    }
}
