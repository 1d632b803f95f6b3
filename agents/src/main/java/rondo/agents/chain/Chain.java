package rondo.agents.chain;

import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.catalog.Catalog;
import rondo.agents.feature.FeatureAgent;
import rondo.agents.filter.FilterAgent;
import rondo.agents.model.ModelAgent;
import rondo.agents.model.TasteProfile;
import rondo.agents.ranking.RankingAgent;
import rondo.agents.resource.ResourceAgent;
import rondo.agents.retrieval.CandidateGenerator;
import rondo.agents.retrieval.Candidates;
import rondo.agents.retrieval.RetrievalSources;
import rondo.agents.retrieval.Route;
import rondo.agents.traffic.Composition;
import rondo.ann.RowFilter;

/**
 * Turns one action of each kind into a slate, by the agents that do so for requests; what the server's stages add is the wire, the clock, the hard rules
 * and the draws. One chain belongs to one thread.
 */
public final class Chain {
    /** Items that a visit is shown. */
    public static final int PLACES = 10;

    /** Candidates that a request can hold, as in the server. */
    private static final int CANDIDATES_MAX = 500;

    private final RetrievalSources sources;
    private final CandidateGenerator generator;
    private final ResourceAgent resources = new ResourceAgent();
    private final RankingAgent ranking = new RankingAgent(CANDIDATES_MAX);
    private final FeatureAgent features = new FeatureAgent();
    private final ModelAgent models = new ModelAgent();
    private final FilterAgent filter = new FilterAgent(CANDIDATES_MAX);
    private final TasteProfile profile = new TasteProfile();
    private final RowFilter everything;
    private final Candidates candidates = new Candidates(CANDIDATES_MAX);
    private final long[] categories = new long[CANDIDATES_MAX];
    private final float[] popularity = new float[CANDIDATES_MAX];
    private final float[] taste = new float[CANDIDATES_MAX];
    private final int[] order = new int[CANDIDATES_MAX];
    private final float[] scores = new float[CANDIDATES_MAX];
    private final int[] selected = new int[PLACES];
    private final long[] slateCategories = new long[PLACES];
    private final float[] localContexts = new float[AgentKind.COUNT];
    private int slateCount;

    /** Whose the candidates are and what they were made from, so that kinds after retrieval do not make them again. */
    private long retrievedUser;

    private int retrievedHow = -1;

    public Chain(RetrievalSources sources) {
        this.sources = sources;
        this.generator = new CandidateGenerator(sources, CANDIDATES_MAX);
        this.everything = new RowFilter(sources.catalog().itemCount());
        everything.setAll();
    }

    /**
     * Makes the slate of a user; it is there until the next run.
     *
     * @param actions by {@link AgentKind#code()}.
     */
    public void run(long userId, int[] actions) {
        retrieve(userId, actions);
        rank(userId, actions);
        int action = actions[AgentKind.FILTER.code()];
        slateCount = filter.select(
                action, candidates.rows(), categories, order, scores, candidates.count(), everything, PLACES, selected);
        int depth = Math.min(FilterAgent.DIVERSITY_DEPTH, slateCount);
        for (int i = 0; i < depth; i++) {
            slateCategories[i] = categories[order[selected[i]]];
        }
        localContexts[AgentKind.FILTER.code()] =
                FilterAgent.satisfaction(filter.intraListDistance(slateCategories, depth));
    }

    private void retrieve(long userId, int[] actions) {
        Route route = Route.ofCode(actions[AgentKind.RETRIEVAL.code()]);
        int fusion = actions[AgentKind.FUSION.code()];
        int composed = Composition.ofCode(actions[AgentKind.TRAFFIC.code()]).candidateCount();
        int granted = resources.candidates(actions[AgentKind.RESOURCE.code()], composed, PLACES, CANDIDATES_MAX);
        localContexts[AgentKind.RESOURCE.code()] = (float) granted / CANDIDATES_MAX;
        int how = (route.code() * DecisionSpace.ACTIONS_MAX + fusion) * (CANDIDATES_MAX + 1) + granted;
        if (userId == retrievedUser && how == retrievedHow) {
            return;
        }
        retrievedUser = userId;
        retrievedHow = how;
        generator.generate(route, fusion, userId, null, everything, granted, candidates);
        Catalog catalog = sources.catalog();
        for (int i = 0; i < candidates.count(); i++) {
            categories[i] = catalog.categories(candidates.row(i));
        }
    }

    private void rank(long userId, int[] actions) {
        int action = actions[AgentKind.RANKING.code()];
        int groups = ranking.groups(action) & features.mask(actions[AgentKind.FEATURE.code()]);
        localContexts[AgentKind.FEATURE.code()] = features.cost(groups);
        if ((groups & FeatureAgent.POPULARITY) != 0) {
            for (int i = 0; i < candidates.count(); i++) {
                popularity[i] = sources.popularity().score(candidates.row(i));
            }
        }
        if ((groups & FeatureAgent.TASTE) != 0) {
            int window = models.window(actions[AgentKind.MODEL.code()]);
            profile.read(sources.catalog(), sources.audience(), userId, window);
            for (int i = 0; i < candidates.count(); i++) {
                taste[i] = profile.of(categories[i]);
            }
        }
        ranking.rank(action, groups, candidates.scores(), popularity, taste, candidates.count(), order, scores);
    }

    /** Items on the slate of the last run, at most {@link #PLACES}. */
    public int slateCount() {
        return slateCount;
    }

    /** The item at a place. */
    public int row(int place) {
        return candidates.row(order[selected[place]]);
    }

    /** Where retrieval had put the item at a place. */
    public int retrievalRank(int place) {
        return order[selected[place]];
    }

    /** Where ranking had put the item at a place. */
    public int rankingRank(int place) {
        return selected[place];
    }

    /** What a kind saw of its own work, as {@link rondo.agents.Decision#localContext()} would; 0 for kinds that look at nothing. */
    public float localContext(AgentKind kind) {
        return localContexts[kind.code()];
    }
}
