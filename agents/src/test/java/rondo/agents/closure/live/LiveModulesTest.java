package rondo.agents.closure.live;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.closure.ClosureGate;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.ClosureSpec;

class LiveModulesTest {
    @Test
    void probe() {
        for (long seed = 1; seed <= 3; seed++) {
            long t0 = System.nanoTime();
            try (LiveModules modules = new LiveModules(seed)) {
                System.out.printf(
                        Locale.ROOT, "PROBE seed %d audience %.0f ms%n", seed, (System.nanoTime() - t0) / 1e6);
                for (AgentKind kind : AgentKind.values()) {
                    long t1 = System.nanoTime();
                    ClosureModule m = modules.module(kind);
                    double made = (System.nanoTime() - t1) / 1e6;
                    var v = ClosureGate.examine(m, ClosureSpec.standard(), seed);
                    System.out.printf(
                            Locale.ROOT,
                            "PROBE %-10s %s %.4f %.4f actions %d contraction %.3f  made %.0f ms, all %.0f ms | %s | %s | %s%n",
                            v.id(),
                            v.verdict(),
                            v.successRate(),
                            v.successLower(),
                            v.distinctActions(),
                            v.contraction(),
                            (System.nanoTime() - t1) / 1e6,
                            v.evaluable(),
                            v.decisionSpace(),
                            v.closedLoop());
                    var c = java.util.Objects.requireNonNull(m.choices());
                    double[][] mean = new double[c.stratumCount()][c.count()];
                    int[] n = new int[c.stratumCount()];
                    double[] out = new double[c.outputLength()];
                    for (int i = 0; i < 512; i++) {
                        int s = c.stratum(i);
                        n[s]++;
                        for (int a = 0; a < c.count(); a++) {
                            c.act(a, i, out);
                            mean[s][a] += c.value(out, i);
                        }
                    }
                    if (seed == 1)
                        for (int s = 0; s < n.length; s++) {
                            StringBuilder b = new StringBuilder("PROBE    s" + s);
                            for (double x : mean[s]) b.append(String.format(Locale.ROOT, " %.4f", x / n[s]));
                            System.out.println(b);
                        }
                }
            }
        }
    }
}
