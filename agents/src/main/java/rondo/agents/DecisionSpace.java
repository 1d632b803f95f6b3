package rondo.agents;

import java.util.List;

/**
 * The actions an agent may choose from, by name; the index in the list is the action number in policies, files and frames.
 *
 * @param actions      at least one, all different.
 * @param staticAction the action of the static chain, and what every policy starts from.
 */
public record DecisionSpace(List<String> actions, int staticAction) {
    /** Actions a policy block can hold. */
    public static final int ACTIONS_MAX = 32;

    public DecisionSpace {
        actions = List.copyOf(actions);
        if (actions.isEmpty()
                || actions.size() > ACTIONS_MAX
                || actions.stream().distinct().count() != actions.size()) {
            throw new IllegalArgumentException(
                    "a decision space has 1 to " + ACTIONS_MAX + " different actions: actions=" + actions);
        }
        if (staticAction < 0 || staticAction >= actions.size()) {
            throw new IllegalArgumentException(
                    "staticAction outside [0, " + (actions.size() - 1) + "]: staticAction=" + staticAction);
        }
    }

    /** Differs, but for chance, between spaces in which a number means another action; the same on every machine. */
    public int checksum() {
        // A hash of strings and not of this record, whose hash the language does not define.
        return 31 * actions.hashCode() + staticAction;
    }

    /** How many actions there are. */
    public int size() {
        return actions.size();
    }
}
