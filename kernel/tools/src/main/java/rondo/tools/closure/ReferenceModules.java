package rondo.tools.closure;

import java.util.List;
import java.util.Objects;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.ClosureModule.Loop;
import rondo.agents.closure.ClosureModule.Origin;
import rondo.agents.policy.CounterRandom;

/**
 * The modules of the closure table, and impostors: each like a module that passes, or nearly, but for one fault that the gate must see. All of them on one
 * held-out audience that follows from a seed.
 */
public final class ReferenceModules implements AutoCloseable {
    private final long seed;
    private final HeldOutAudience audience;
    private final VectorRetrieval retrieval;
    private final RankerEnsemble ranker;

    public ReferenceModules(long seed) {
        this.seed = seed;
        this.audience = new HeldOutAudience(seed);
        this.retrieval = new VectorRetrieval(audience, seed);
        this.ranker = new RankerEnsemble(audience, seed);
    }

    /** The nine rows of the table. */
    public List<ClosureModule> modules() {
        return List.of(
                EmbeddingLookup.of("embedding-lookup", audience, 1),
                HashEncoder.of(seed),
                new FeatureCross(audience, seed),
                new InteractionLayer(audience, seed),
                retrieval,
                ranker,
                new Reranker(audience, seed),
                BusinessFilter.of(audience),
                new Batcher(audience, seed));
    }

    /** What must be turned down. */
    public List<ClosureModule> impostors() {
        Loop honest = Objects.requireNonNull(ranker.loop());
        ClosureModule lookup = EmbeddingLookup.of("", audience, 2);
        return List.of(
                FixedModule.of("fake-two-label-lookup", lookup, Origin.HELD_OUT, lookup.outsideLoop()),
                FixedModule.of("noisy-corrector", ranker, Origin.HELD_OUT, new Spoilt(honest, Spoilt.How.NOISE)),
                FixedModule.of("oscillator", ranker, Origin.HELD_OUT, new Spoilt(honest, Spoilt.How.OSCILLATION)),
                FixedModule.of("identity-corrector", ranker, Origin.HELD_OUT, new Spoilt(honest, Spoilt.How.IDENTITY)),
                FixedModule.of("production-input", ranker, Origin.PRODUCTION, honest));
    }

    /** The ranker's score on a held-out case. */
    public double heldOutScore(long input) {
        return ranker.evaluation().score(input);
    }

    /** The ranker's score on a case of a production log, where only what it had shown could be consumed. */
    public double productionScore(long input) {
        double sum = 0;
        for (int i = 0; i < ranker.casesPerIteration(); i++) {
            sum += ranker.productionScore(i == 0 ? input : CounterRandom.bits(input, i, 78) >>> 1);
        }
        return sum / ranker.casesPerIteration();
    }

    @Override
    public void close() {
        retrieval.close();
    }

    /** A loop whose corrective step has been replaced. */
    private record Spoilt(Loop honest, How how) implements Loop {
        enum How {
            IDENTITY,
            NOISE,
            OSCILLATION
        }

        @Override
        public int stateLength() {
            return honest.stateLength();
        }

        @Override
        public void perturb(double[] state, long draw) {
            honest.perturb(state, draw);
        }

        @Override
        public void correct(double[] state, long input) {
            // The last number says which stratum is meant; the rest are preferences.
            int count = state.length - 1;
            if (how == How.NOISE) {
                for (int i = 0; i < count; i++) {
                    state[i] += 4 * CounterRandom.uniform(input, i, 79) - 2;
                }
            } else if (how == How.OSCILLATION) {
                for (int i = 0; i < count; i++) {
                    state[i] = -state[i];
                }
            }
        }

        @Override
        public double distance(double[] state) {
            return honest.distance(state);
        }
    }
}
