package rondo.kernel.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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
        refused(
                "learning:\n  challengers: ranking=ucb\n",
                "rondo.yaml:2",
                "learning.challengers",
                "learner=ucb",
                "squarecb");
    }

    @Test
    void shouldRefuseAGlobalRewardThatIsNoMixture() {
        for (String name :
                List.of("viewWorth", "clickWorth", "likeWorth", "purchaseWorth", "sessionWeight", "diversityWeight")) {
            refused("reward:\n  " + name + ": 1.01\n", "rondo.yaml:2", "reward." + name, "[0, 1]", "1.01");
            refused("reward:\n  " + name + ": -0.1\n", "rondo.yaml:2", "reward." + name, "[0, 1]", "-0.1");
        }
        refused("reward:\n  sessionGapMs: 0\n", "rondo.yaml:2", "reward.sessionGapMs", "[1, 86400000]");
        refused(
                "reward:\n  sessionWeight: 0.6\n  diversityWeight: 0.5\n",
                "add up to at most 1",
                "reward.sessionWeight=0.6",
                "reward.diversityWeight=0.5");
        String shortWindow = "learning:\n  windowMs: 5000\nreward:\n  sessionWeight: ";
        refused(
                shortWindow + "0.1\n",
                "must not exceed learning.windowMs",
                "reward.sessionGapMs=60000",
                "learning.windowMs=5000");
        Config unused = Config.parse(shortWindow + "0\n", "rondo.yaml");
        assertEquals(60_000, unused.whole(Setting.SESSION_GAP_MS), "a gap that nobody waits for disturbs nobody");
        Config mix = Config.parse("reward:\n  sessionWeight: 0.55\n  diversityWeight: 0.45\n", "rondo.yaml");
        assertEquals(0.55, mix.real(Setting.SESSION_WEIGHT));
    }

    @Test
    void shouldLetTheArticlesMonitorsLookBesideTheOthersOnly() {
        assertFalse(Config.defaults().flag(Setting.ARTICLE));
        refused(
                "learning:\n  on: false\nmonitor:\n  on: false\n  article: true\n",
                "monitor.article",
                "monitor.on=false");
    }

    @Test
    void shouldWriteTextsThatAreReadAsTheyWere() {
        for (String text : List.of(
                "a # b",
                "a: b",
                " a ",
                "- a",
                "a\nb",
                "\"a\\b\"",
                "\u00e9\u2028\ud83d\ude00",
                "---",
                "::1",
                "/var/lib/rondo")) {
            Config config = Config.defaults().with(Setting.DIRECTORY, text);
            assertEquals(text, Config.parse(config.toYaml(), "rondo.yaml").text(Setting.DIRECTORY));
        }
    }

    @Test
    void shouldRefuseMoreLevelsThanSettingsHave() {
        refused("tcp:\n  " + "[".repeat(100_000), "rondo.yaml:2", "at most 16 levels");
        refused("{b: ".repeat(20) + "1" + "}".repeat(20), "rondo.yaml:1", "at most 16 levels");
    }
}
