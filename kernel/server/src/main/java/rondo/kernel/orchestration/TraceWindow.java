package rondo.kernel.orchestration;

import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.experience.RewardTrace;

/**
 * The newest experience rows and open requests of a running server, by request id: 17 MiB whatever is served. It holds {@link #ROWS_MAX} rows, which is
 * 65,536 requests of four agents or 29,127 of nine, and knows of {@link #OPEN_MAX} requests that their outcome is awaited.
 *
 * <p>The ledger copies a row and makes it visible when its decision has all of its rows. A look-up, which is for people, reads all that are visible.
 *
 * <pre>
 * field      written by   mode      read by    mode
 * published  ledger       release   look-ups   acquire
 * open       ledger       release   look-ups   acquire
 * written    ledger       opaque    look-ups   opaque
 * bytes      ledger       plain     look-ups   plain; a row that is overwritten meanwhile fails its checksum
 * </pre>
 */
final class TraceWindow {
    /** Rows kept; a power of two. */
    static final int ROWS_MAX = 1 << 18;

    /** Decisions kept that wait for their outcome; a power of two. */
    static final int OPEN_MAX = 1 << 16;

    private final int rowsMax;
    private final int openMax;
    private final UnsafeBuffer bytes;

    /** Pairs of decision id, 0 for none, and request id. Ids count up while a server runs, so the newest do not share a place. */
    private final AtomicLongArray open;

    private final AtomicLong written = new AtomicLong();
    private final AtomicLong published = new AtomicLong();
    private long lastDecisionId;

    TraceWindow() {
        this(ROWS_MAX, OPEN_MAX);
    }

    /** A window of another size; powers of two. */
    TraceWindow(int rowsMax, int openMax) {
        this.rowsMax = rowsMax;
        this.openMax = openMax;
        this.bytes = new UnsafeBuffer(
                BufferUtil.allocateDirectAligned(rowsMax * ExperienceRow.LENGTH, ExperienceRow.LENGTH));
        this.open = new AtomicLongArray(2 * openMax);
    }

    private int place(long decisionId) {
        return 2 * (int) (decisionId & openMax - 1);
    }

    private int offset(long row) {
        return (int) (row & rowsMax - 1) * ExperienceRow.LENGTH;
    }

    /** A request was served by agents. Ledger thread. */
    void onDecision(long requestId, long decisionId) {
        int place = place(decisionId);
        open.setOpaque(place, 0);
        // Release: who reads this request id, or this decision id, no longer finds the decision id before them.
        open.setRelease(place + 1, requestId);
        open.setRelease(place, decisionId);
    }

    /** One agent's row; all rows of a decision come one after the other. Ledger thread. */
    void add(ExperienceRow row) {
        if (row.decisionId() != lastDecisionId) {
            publish();
            lastDecisionId = row.decisionId();
        }
        long at = written.getPlain();
        written.setOpaque(at + 1);
        // Before the row's bytes: a look-up that has read some of them finds that the row is overwritten.
        VarHandle.storeStoreFence();
        bytes.putBytes(offset(at), row.buffer(), 0, ExperienceRow.LENGTH);
    }

    /** Makes the rows visible that were added; not between two of one decision. Ledger thread. */
    void publish() {
        long end = written.getPlain();
        if (published.getPlain() == end) {
            return;
        }
        // Release: the rows' bytes before it; and only then they are open no more, so that a look-up finds one or the
        // other.
        published.setRelease(end);
        int place = place(lastDecisionId);
        if (open.getPlain(place) == lastDecisionId) {
            open.setRelease(place, 0);
        }
    }

    /** The newest decision under a request id; null when there is none, or none any more. Any thread; takes some milliseconds. */
    @Nullable
    RewardTrace find(long requestId) {
        long awaited = awaited(requestId);
        long end = published.getAcquire();
        long oldest = Math.max(0, end - rowsMax);
        Deque<ExperienceRow> rows = new ArrayDeque<>();
        long at = end - 1;
        for (; at >= oldest; at--) {
            ExperienceRow row = read(at, requestId);
            if (row != null
                    && (rows.isEmpty() || row.decisionId() == rows.element().decisionId())) {
                rows.addFirst(row);
            } else if (!rows.isEmpty()) {
                break;
            }
        }
        // After the rows' bytes. The row before them tells that none of theirs is missing; it must not be another's by
        // now.
        VarHandle.loadLoadFence();
        boolean isWhole = at < 0 || at >= written.getOpaque() - rowsMax;
        if (!rows.isEmpty() && isWhole && rows.element().decisionId() >= awaited) {
            return new RewardTrace(requestId, rows.element().decisionId(), List.copyOf(rows));
        }
        return awaited == 0 ? null : new RewardTrace(requestId, awaited, List.of());
    }

    private @Nullable ExperienceRow read(long at, long requestId) {
        if (bytes.getLong(offset(at) + ExperienceRow.REQUEST_ID_AT, ByteOrder.LITTLE_ENDIAN) != requestId) {
            return null;
        }
        ExperienceRow row = new ExperienceRow();
        return row.read(bytes, offset(at)) && row.requestId() == requestId ? row : null;
    }

    private long awaited(long requestId) {
        long newest = 0;
        for (int place = 0; place < 2 * openMax; place += 2) {
            long decisionId = open.getAcquire(place);
            if (decisionId > newest
                    && open.getAcquire(place + 1) == requestId
                    && open.getAcquire(place) == decisionId) {
                newest = decisionId;
            }
        }
        return newest;
    }
}
