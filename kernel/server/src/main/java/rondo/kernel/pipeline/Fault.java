package rondo.kernel.pipeline;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import rondo.agents.policy.CounterRandom;

/**
 * Something that an agent does wrong on purpose, so that one can see what a server makes of it: on a share of the requests that agents serve, none of the static chain's
 * and none with an id below a million, such as a server's own when it warms up.
 *
 * @param place of the stage in the chain.
 * @param share of requests, in [0, 1]; which ones, follows from their ids.
 */
public record Fault(int place, What what, double share) {
    private static final List<String> STAGES = List.of("admit", "retrieve", "rank", "select");
    private static final int KEY = 77;
    private static final long ID_MIN = 1_000_000;
    private static final int GARBAGE_LENGTH = 1 << 23;

    /** What goes wrong, when the stage has done its work. */
    public enum What {
        /** An exception. */
        THROW,
        /** It waits for what never comes. */
        HANG,
        /** It works for ever. */
        LOOP,
        /** It calls itself for ever. */
        RECURSE,
        /** It makes 8 MB of garbage. */
        ALLOCATE,
        /** Its numbers are none. */
        NAN,
        /** It speaks of candidates that there are not. */
        LENGTH
    }

    /**
     * Reads a setting.
     *
     * @param text {@code off}, or stage, what and share with colons between, such as {@code rank:throw:0.5}.
     * @return null for off.
     * @throws IllegalArgumentException naming what is wrong.
     */
    public static @Nullable Fault parse(String text) {
        if (text.equals("off")) {
            return null;
        }
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("a fault is stage:what:share, such as rank:throw:0.5: fault=" + text);
        }
        int place = STAGES.indexOf(parts[0]);
        List<String> kinds = Arrays.stream(What.values())
                .map(one -> one.name().toLowerCase(Locale.ROOT))
                .toList();
        if (place < 0 || !kinds.contains(parts[1])) {
            throw new IllegalArgumentException(
                    "a fault's stage is one of " + STAGES + " and what it does one of " + kinds + ": fault=" + text);
        }
        double share;
        try {
            share = Double.parseDouble(parts[2]);
        } catch (NumberFormatException e) {
            share = Double.NaN;
        }
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a fault's share is a number from 0 to 1: fault=" + text);
        }
        return new Fault(place, What.values()[kinds.indexOf(parts[1])], share);
    }

    /** Puts it among new stages. */
    void into(Stage[] stages) {
        stages[place] = new Faulty(stages[place]);
    }

    private final class Faulty implements Stage {
        private final Stage stage;

        Faulty(Stage stage) {
            this.stage = stage;
        }

        @Override
        public void process(RequestSlot slot) {
            stage.process(slot);
            if (slot.breakerEpoch != CircuitBreaker.BYPASS
                    && slot.requestId >= ID_MIN
                    && !slot.isRefused()
                    && CounterRandom.uniform(KEY, slot.requestId, place) < share) {
                strike(slot);
            }
        }

        @Override
        public String name() {
            return stage.name();
        }
    }

    private void strike(RequestSlot slot) {
        switch (what) {
            case THROW -> throw new IllegalStateException("it throws on purpose");
            case HANG -> {
                while (!Thread.currentThread().isInterrupted()) {
                    LockSupport.park(this);
                }
            }
            case LOOP -> {
                long turns = 0;
                while (turns >= 0) {
                    turns = (turns + 1) & Long.MAX_VALUE;
                }
            }
            case RECURSE -> strike(slot);
            case ALLOCATE -> slot.queryVector[0] += (float) new byte[GARBAGE_LENGTH].length;
            case NAN -> {
                slot.candidates.scores()[0] = Float.NaN;
                slot.rankScores[0] = Float.NaN;
                slot.distance = Float.NaN;
            }
            case LENGTH -> {
                slot.order[0] = RequestSlot.CANDIDATES_MAX;
                slot.selected[0] = RequestSlot.CANDIDATES_MAX;
            }
        }
    }
}
