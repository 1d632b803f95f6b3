package rondo.tools.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import rondo.tools.VerbRun;

/** Figures of data set folders through a real server; those of the shared data sets where that folder lies beside the clone. */
class EvaluateVerbTest {
    private static final int EVENTS = 2_000;
    private static final int FILMS = 200;
    private static final int SLICES = 10;

    @TempDir
    Path files;

    private static Path shared(String name) {
        return Path.of(System.getProperty("rondo.data", "../shared/data"), name);
    }

    /** For JUnit. */
    static boolean hasGowalla() {
        boolean isThere = Files.isDirectory(shared("gowalla"));
        if (!isThere) {
            System.err.println(
                    "left out, ../shared/data/gowalla is not there: the Gowalla figures of EvaluateVerbTest");
        }
        return isThere;
    }

    @Test
    @EnabledIf(value = "hasGowalla", disabledReason = "../shared/data/gowalla is not beside this clone")
    void shouldPrintTheGoldenFiguresOfGowallaByVector() throws IOException {
        VerbRun run = VerbRun.of(new EvaluateVerb(), "--data", shared("gowalla"), "--route", "vector");
        assertEquals(0, run.exitCode(), run.said());
        assertEquals(0.152927, run.json().at("/metrics/recall@20").asDouble(), 1e-5);
        assertEquals(0.114337, run.json().at("/metrics/ndcg@10").asDouble(), 1e-5);
        assertEquals(1_000, run.json().at("/golden/exactMatches").asInt());
        assertEquals(0, run.json().path("lost").asInt(-1));
    }

    @Test
    @EnabledIf(value = "hasGowalla", disabledReason = "../shared/data/gowalla is not beside this clone")
    void shouldPrintThePublishedFiguresOfGowallaByBehaviour() throws IOException {
        VerbRun run = VerbRun.of(new EvaluateVerb(), "--data", shared("gowalla"), "--route", "behaviour");
        assertEquals(0, run.exitCode(), run.said());
        assertEquals(0.1568, run.json().at("/metrics/recall@20").asDouble(), 5e-4);
        assertEquals(0.1213, run.json().at("/metrics/ndcg@20").asDouble(), 5e-4);
        assertEquals(0, run.json().path("lost").asInt(-1));
    }

    /** Goal: no route and no learner sees what has not happened. Method: two streams that are equal up to the middle must have equal rates up to there. */
    @Test
    void shouldKnowNothingOfTheFuture() throws IOException {
        JsonNode one = stream(files.resolve("one"), 1);
        JsonNode other = stream(files.resolve("other"), 2);
        assertEquals(8, one.path("routes").size());
        boolean isDifferentLater = false;
        for (String arm : new String[] {
            "/loop", "/learnerOff", "/routes/vector", "/routes/behaviour", "/routes/popular", "/routes/everything"
        }) {
            double hits = 0;
            for (int slice = 0; slice < SLICES; slice++) {
                double first = one.at(arm + "/slices").get(slice).asDouble();
                double second = other.at(arm + "/slices").get(slice).asDouble();
                if (slice < SLICES / 2) {
                    assertEquals(first, second, arm + ", slice=" + slice);
                    hits += first;
                } else {
                    isDifferentLater |= first != second;
                }
            }
            assertTrue(hits > 0, "vacuous: " + arm);
        }
        assertTrue(isDifferentLater, "vacuous: the streams do not differ");
        assertEquals(EVENTS * 10, one.path("requests").asInt());
        assertEquals(0, one.path("lost").asInt(-1));
        assertNotEquals(one.at("/loop/slices"), one.at("/learnerOff/slices"), "vacuous: the learner changes nothing");
    }

    private static JsonNode stream(Path folder, long futureSeed) throws IOException {
        Files.createDirectories(folder);
        try (Writer films = gzip(folder.resolve("movies.tsv.gz"));
                Writer ratings = gzip(folder.resolve("ratings.tsv.gz"))) {
            films.write("movieId\ttitle\tgenres\n");
            for (int film = 1; film <= FILMS; film++) {
                films.write(film + "\tFilm " + film + " (" + (1950 + film % 70) + ")\t"
                        + (film % 2 == 0 ? "Comedy" : "Drama|War") + "\n");
            }
            ratings.write("userId\tmovieId\trating\ttimestamp\n");
            SplittableRandom past = new SplittableRandom(7);
            SplittableRandom future = new SplittableRandom(futureSeed);
            boolean[] seen = new boolean[41 * (FILMS + 1)];
            for (int event = 0; event < EVENTS; event++) {
                SplittableRandom random = event < EVENTS / 2 ? past : future;
                int user;
                int film;
                do {
                    user = 1 + random.nextInt(40);
                    // Users of one parity see films of that parity, the earlier ones more often.
                    film = 2 * (1 + Math.min(random.nextInt(FILMS / 2), random.nextInt(FILMS / 2))) - user % 2;
                } while (seen[user * (FILMS + 1) + film]);
                seen[user * (FILMS + 1) + film] = true;
                ratings.write(user + "\t" + film + "\t4.0\t" + (1_000_000 + event) + "\n");
            }
        }
        VerbRun run = VerbRun.of(new EvaluateVerb(), "--data", folder, "--mode", "stream");
        assertEquals(0, run.exitCode(), run.said());
        return run.json();
    }

    private static Writer gzip(Path file) throws IOException {
        return new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8);
    }

    @Test
    void shouldStreamVisitsInFileOrder() throws IOException {
        Path folder = Files.createDirectories(files.resolve("visits"));
        try (Writer visits = gzip(folder.resolve("train.txt.gz"));
                Writer pages = gzip(folder.resolve("vroots.tsv.gz"))) {
            pages.write("id\ttitle\turl\n");
            for (int page = 0; page < 40; page++) {
                pages.write((1_000 + page) + "\tPage " + page + "\t/p" + page + "\n");
            }
            for (int user = 1; user <= 100; user++) {
                visits.write(user + " " + (1_000 + user % 5) + " " + (1_005 + user % 7) + "\n");
            }
        }
        VerbRun run = VerbRun.of(new EvaluateVerb(), "--data", folder, "--mode", "stream", "--loop-only");
        assertEquals(0, run.exitCode(), run.said());
        assertEquals(100, run.json().path("users").asInt());
        assertEquals(2 * 200, run.json().path("requests").asInt(), "the loop, and with its learner off");
        double later = run.json().at("/loop/hitRateAfterFirstFifth").asDouble();
        assertTrue(later > 0.9, "twelve pages are all that anybody visits, and the slate has twenty: " + later);
    }

    @Test
    void shouldSayWhichFolderOrFileIsMissing() throws IOException {
        VerbRun missing = VerbRun.of(new EvaluateVerb(), "--data", files.resolve("nowhere"));
        assertEquals(2, missing.exitCode());
        assertTrue(missing.error().contains("nowhere"), missing.error());
        VerbRun empty = VerbRun.of(new EvaluateVerb(), "--data", files, "--mode", "stream");
        assertEquals(2, empty.exitCode());
        assertTrue(empty.error().contains("ratings.tsv.gz"), empty.error());
        assertFalse(missing.said().contains("\tat ") || empty.said().contains("\tat "));
    }
}
