package rondo.reward.monitor;

import java.util.function.Consumer;

/** The alarms of one signal: raised after so many bad epochs in a row, cleared after so many good ones. */
final class AlarmBoard {
    private static final int CLEAR_AFTER = 3;

    private final Signal signal;
    private final int raiseAfter;
    private final byte[] streaks;
    private final boolean[] isRaised;
    private final Consumer<Alarm> listener;

    AlarmBoard(Signal signal, int subjectCount, int raiseAfter, Consumer<Alarm> listener) {
        this.signal = signal;
        this.raiseAfter = raiseAfter;
        this.streaks = new byte[subjectCount];
        this.isRaised = new boolean[subjectCount];
        this.listener = listener;
    }

    boolean isRaised(int subject) {
        return isRaised[subject];
    }

    int raisedCount() {
        int count = 0;
        for (boolean raised : isRaised) {
            count += raised ? 1 : 0;
        }
        return count;
    }

    /**
     * What was measured of a subject.
     *
     * @param isBad  bad enough to raise.
     * @param isGood good enough to clear; between the two nothing changes.
     */
    void judge(
            int subject,
            boolean isBad,
            boolean isGood,
            int first,
            int second,
            String cause,
            double value,
            double threshold,
            long epoch) {
        boolean isAgainst = isRaised[subject] ? isGood : isBad;
        if (!isAgainst) {
            streaks[subject] = 0;
            return;
        }
        if (++streaks[subject] >= (isRaised[subject] ? CLEAR_AFTER : raiseAfter)) {
            streaks[subject] = 0;
            isRaised[subject] = !isRaised[subject];
            listener.accept(new Alarm(signal, first, second, cause, value, threshold, epoch, isRaised[subject]));
        }
    }
}
