package rondo.tools.imports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.agrona.collections.LongArrayList;
import rondo.agents.catalog.CatalogBuilder;
import rondo.tools.data.Progress;

/** Takes the interactions of a table file into a catalogue, by time where there is one and equal times in file order. */
final class InteractionImport {
    private final ColumnChoice user;
    private final ColumnChoice item;
    private final ColumnChoice time;
    private final LongArrayList users = new LongArrayList();
    private final LongArrayList items = new LongArrayList();
    private final LongArrayList timeBits = new LongArrayList();
    private long unknownItems;
    private boolean isBegun;

    /** Whether the first row has a time; then every other must. */
    private boolean isTimed;

    InteractionImport(ColumnChoice user, ColumnChoice item, ColumnChoice time) {
        this.user = user;
        this.item = item;
        this.time = time;
    }

    /** @throws IOException for the first row that cannot be an interaction; an item that the catalogue lacks is only counted. */
    void read(Path file, CatalogBuilder catalog) throws IOException {
        try (TableReader table = TableReader.open(file);
                Progress progress = new Progress("interactions", table.total())) {
            for (Row row = table.next(); row != null; row = table.next()) {
                add(row, catalog);
                progress.at(table.done());
            }
        }
        for (int i : order()) {
            catalog.interaction(users.getLong(i), items.getLong(i));
        }
    }

    private void add(Row row, CatalogBuilder catalog) throws IOException {
        long userId = row.whole(user.required(row));
        long itemId = row.whole(item.required(row));
        if (!isBegun) {
            isBegun = true;
            isTimed = time.isNamed() || time.in(row) != null;
        }
        double at = isTimed ? row.time(time.required(row)) : 0;
        if (catalog.row(itemId) < 0) {
            unknownItems++;
            return;
        }
        users.addLong(userId);
        items.addLong(itemId);
        timeBits.addLong(Double.doubleToLongBits(at));
    }

    /** Sorts places by (rank of the time, place), two ints in a long, so that equal times keep the order of the file. */
    private int[] order() {
        int count = users.size();
        double[] times = new double[count];
        for (int i = 0; i < count; i++) {
            times[i] = Double.longBitsToDouble(timeBits.getLong(i));
        }
        double[] ranks = distinctSorted(times);
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            keys[i] = (long) Arrays.binarySearch(ranks, times[i]) << 32 | i;
        }
        Arrays.sort(keys);
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }

    private static double[] distinctSorted(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int distinct = 0;
        for (double value : sorted) {
            if (distinct == 0 || Double.compare(value, sorted[distinct - 1]) != 0) {
                sorted[distinct++] = value;
            }
        }
        return Arrays.copyOf(sorted, distinct);
    }

    /** Interactions that were taken. */
    int count() {
        return users.size();
    }

    /** Interactions that were left out because the catalogue has no such item. */
    long unknownItems() {
        return unknownItems;
    }
}
