package rondo.tools.closure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import rondo.agents.closure.ClosureGate;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.ClosureSpec;
import rondo.agents.closure.ClosureVerdict;
import rondo.tools.VerbRun;

class AuditVerbTest {
    @Test
    void shouldPrintTheClosureTableFromMeasuredRuns() throws IOException {
        VerbRun run = VerbRun.of(new AuditVerb(), "--seed", 3);

        assertEquals(0, run.exitCode(), run.error());
        TreeMap<String, String> verdicts = new TreeMap<>();
        for (JsonNode row : run.json().path("modules")) {
            verdicts.put(row.path("id").asText(), row.path("verdict").asText());
            assertEquals(10_000, row.path("iterations").asInt());
            assertEquals(64, row.path("evidenceHash").asText().length());
        }
        assertEquals(
                "{ann-retrieval=PASS, batcher=PASS, business-filter=FAIL, embedding-lookup=FAIL, feature=PASS, feature-cross=PARTIAL, filter=PASS,"
                        + " fusion=PASS, hash-encoder=FAIL, interaction-layer=PASS, mmr-reranker=PASS, model=PASS, ranker-ensemble=PASS,"
                        + " ranking=PASS, resource=PASS, retrieval=PASS, strategy=PASS, traffic=PASS}",
                verdicts.toString());
    }

    @Test
    void shouldReachTheSameEvidenceFromTheSameSeedOnly() {
        assertEquals(hashes(5), hashes(5));
        assertNotEquals(hashes(5), hashes(6));
    }

    private static List<String> hashes(long seed) {
        List<String> hashes = new ArrayList<>();
        try (ReferenceModules modules = new ReferenceModules(seed)) {
            for (ClosureModule module : modules.modules()) {
                hashes.add(ClosureGate.examine(module, ClosureSpec.standard().withIterations(50), seed)
                        .evidenceHash());
            }
        }
        return hashes;
    }

    @Test
    void shouldTurnEveryImpostorDownForItsOwnFault() {
        TreeMap<String, String> faults = new TreeMap<>();
        try (ReferenceModules modules = new ReferenceModules(1)) {
            for (ClosureModule module : modules.impostors()) {
                ClosureVerdict verdict = ClosureGate.examine(module, ClosureSpec.standard(), 1);
                faults.put(
                        verdict.id(),
                        verdict.evaluable().mark() + " "
                                + verdict.decisionSpace().mark() + " "
                                + verdict.closedLoop().mark());
            }
        }
        assertEquals(
                "{fake-two-label-lookup=PASS FAIL PASS, identity-corrector=PASS PASS FAIL, noisy-corrector=PASS PASS FAIL,"
                        + " oscillator=PASS PASS FAIL, production-input=FAIL FAIL FAIL}",
                faults.toString());
    }

    @Test
    void shouldScoreHigherOnWhatTheRankerItselfHadShown() {
        try (ReferenceModules modules = new ReferenceModules(2)) {
            double heldOut = 0;
            double production = 0;
            for (long input = 0; input < 500; input++) {
                heldOut += modules.heldOutScore(input) / 500;
                production += modules.productionScore(input) / 500;
            }
            assertTrue(production > heldOut + 0.005, "production=" + production + ", heldOut=" + heldOut);
        }
    }
}
