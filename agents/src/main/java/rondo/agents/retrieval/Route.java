package rondo.agents.retrieval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import rondo.agents.DecisionSpace;
import rondo.ann.HotPath;

/** Where candidates come from; the code is the retrieval agent's action number and goes to the wire. */
public enum Route {
    /** User vector × item vectors, exact. */
    VECTOR(0, "vector"),
    /** Items consumed together with what the user consumed. */
    BEHAVIOUR(1, "behaviour"),
    /** What most users consume now. */
    POPULAR(2, "popular"),
    /** What is popular in the user's categories. */
    CONTENT(3, "content"),
    BEHAVIOUR_VECTOR(4, "behaviour+vector"),
    BEHAVIOUR_CONTENT(5, "behaviour+content"),
    BEHAVIOUR_POPULAR(6, "behaviour+popular"),
    EVERYTHING(7, "everything");

    /** How many routes there are. */
    public static final int COUNT = 8;

    private static final Route[] BY_CODE = values();

    private final int code;
    private final String label;

    Route(int code, String label) {
        this.code = code;
        this.label = label;
    }

    public int code() {
        return code;
    }

    /** Its name in configuration and JSON. */
    public String label() {
        return label;
    }

    /** True when it fuses several sources. */
    @HotPath
    public boolean isBlend() {
        return code >= BEHAVIOUR_VECTOR.code;
    }

    /** The routes it blends; itself when it is no blend. */
    List<Route> parts() {
        return switch (this) {
            case BEHAVIOUR_VECTOR -> List.of(BEHAVIOUR, VECTOR);
            case BEHAVIOUR_CONTENT -> List.of(BEHAVIOUR, CONTENT);
            case BEHAVIOUR_POPULAR -> List.of(BEHAVIOUR, POPULAR);
            case EVERYTHING -> List.of(VECTOR, BEHAVIOUR, POPULAR, CONTENT);
            case VECTOR, BEHAVIOUR, POPULAR, CONTENT -> List.of(this);
        };
    }

    public static Route ofCode(int code) {
        return BY_CODE[code];
    }

    /** @throws IllegalArgumentException naming the routes there are. */
    public static Route ofName(String name) {
        for (Route route : BY_CODE) {
            if (route.label.equals(name)) {
                return route;
            }
        }
        throw new IllegalArgumentException("unknown route: route=" + name + ", known="
                + Arrays.stream(BY_CODE).map(Route::label).toList());
    }

    /** The retrieval agent's decision space. */
    public static DecisionSpace decisionSpace(Route staticRoute) {
        List<String> names = new ArrayList<>();
        for (Route route : BY_CODE) {
            names.add(route.label);
        }
        return new DecisionSpace(names, staticRoute.code);
    }
}
