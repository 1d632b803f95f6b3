package rondo.ann.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.agrona.UnsafeApi;
import org.junit.jupiter.api.Test;
import rondo.ann.store.NativeMemory;

/**
 * Each kernel of this JVM against the one in plain Java, in every dimension, on rows that begin anywhere. Values are small whole numbers, so that the order
 * of additions does not matter and results must be equal to the bit.
 */
class KernelTest {
    private static final int DIMENSION_MAX = 513;
    private static final long SEED = 20261127;

    /** Bytes that a block or row begins after the memory's start; not a multiple of a vector. */
    private static final int[] OFFSETS = {0, 4, 20};

    private final SplittableRandom random = new SplittableRandom(SEED);

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(-8, 9);
        }
        return values;
    }

    private static void put(NativeMemory memory, long offset, float[] values) {
        for (int i = 0; i < values.length; i++) {
            UnsafeApi.putFloat(memory.address() + offset + (long) i * Float.BYTES, values[i]);
        }
    }

    @Test
    void shouldScoreABlockAsPlainJavaDoes() {
        for (int dimension = 1; dimension <= DIMENSION_MAX; dimension++) {
            for (int offset : OFFSETS) {
                for (boolean isDistance : new boolean[] {false, true}) {
                    try (NativeMemory memory = new NativeMemory(offset + BlockKernel.blockLength(dimension))) {
                        put(memory, offset, values(BlockKernel.ROWS * dimension));
                        float[] query = values(dimension);
                        float[] expected = new float[BlockKernel.ROWS];
                        float[] actual = new float[BlockKernel.ROWS];
                        int expectedMask = new ScalarKernel(isDistance)
                                .score(memory.segment(), offset, query, dimension, 0f, expected);
                        int mask = BlockKernel.of(isDistance)
                                .score(memory.segment(), offset, query, dimension, 0f, actual);
                        assertArrayEquals(expected, actual, Float.MIN_VALUE, "dimension=" + dimension);
                        assertEquals(expectedMask, mask, "dimension=" + dimension);
                    }
                }
            }
        }
    }

    @Test
    void shouldScoreRowsAsPlainJavaDoes() {
        for (RowFormat format : RowFormat.values()) {
            for (int dimension = 1; dimension <= DIMENSION_MAX; dimension++) {
                int padded = format.padded(dimension);
                long rowLength = format.rowLength(dimension);
                for (int offset : OFFSETS) {
                    for (boolean isDistance : new boolean[] {false, true}) {
                        try (NativeMemory memory = new NativeMemory(offset + 6 * rowLength)) {
                            for (int row = 0; row < 6; row++) {
                                float[] values = values(padded);
                                for (int d = 0; d < padded; d++) {
                                    format.put(memory.address() + offset + row * rowLength, d, values[d]);
                                }
                            }
                            float[] query = values(padded);
                            long[] offsets = new long[RowKernel.TOGETHER + 1];
                            for (int i = 0; i < offsets.length; i++) {
                                offsets[i] = offset + random.nextInt(6) * rowLength;
                            }
                            float[] expected = new float[RowKernel.TOGETHER + 1];
                            float[] actual = new float[RowKernel.TOGETHER + 1];
                            new ScalarRowKernel(format, isDistance)
                                    .score(memory.segment(), offsets, query, padded, expected, 1);
                            RowKernel.of(format, isDistance).score(memory.segment(), offsets, query, padded, actual, 1);
                            assertArrayEquals(expected, actual, Float.MIN_VALUE, format + ", dimension=" + dimension);
                        }
                    }
                }
            }
        }
    }

    @Test
    void shouldKeepEightSignificantBitsOfAHalf() {
        try (NativeMemory memory = new NativeMemory(RowFormat.BFLOAT16.rowLength(64))) {
            for (int i = 0; i < 1_000_000; i++) {
                float value = Float.intBitsToFloat(random.nextInt());
                int d = random.nextInt(64);
                if (Float.isFinite(value)) {
                    RowFormat.BFLOAT16.put(memory.address(), d, value);
                    float kept = RowFormat.BFLOAT16.get(memory.address(), d);
                    boolean isNear = Math.abs((double) kept - value) <= Math.abs((double) value) * 0x1p-8;
                    // Beside the least normal number there are fewer bits.
                    boolean isTiny = Math.abs((double) kept - value) <= 0x1p-134;
                    assertTrue(isNear || isTiny, "value=" + value + ", kept=" + kept);
                    RowFormat.BFLOAT16.put(memory.address(), d, kept);
                    assertEquals(kept, RowFormat.BFLOAT16.get(memory.address(), d), "again");
                }
            }
            float[][] cases = {
                {1f, 1f},
                {-0f, -0f},
                {1f + 0x1p-8f, 1f},
                {1f + 3 * 0x1p-8f, 1f + 0x1p-6f},
                {Float.MAX_VALUE, Float.intBitsToFloat(0x7F7F0000)},
                {-Float.MAX_VALUE, Float.intBitsToFloat(0xFF7F0000)}
            };
            for (float[] one : cases) {
                RowFormat.BFLOAT16.put(memory.address(), 3, one[0]);
                assertEquals(one[1], RowFormat.BFLOAT16.get(memory.address(), 3), "value=" + one[0]);
            }
        }
    }

    @Test
    void shouldAddUpTablesAsPlainJavaDoes() {
        // The widest is right everywhere, if slow where there is no instruction for it.
        List<TableKernel> kernels = List.of(new TableKernel256(), new TableKernel512());
        for (int pairs = 1; pairs <= 64; pairs++) {
            for (int offset : new int[] {0, 1, 37}) {
                try (NativeMemory memory = new NativeMemory(offset + TableKernel.blockLength(pairs))) {
                    for (int i = 0; i < TableKernel.blockLength(pairs); i++) {
                        UnsafeApi.putByte(memory.address() + offset + i, (byte) random.nextInt());
                    }
                    // Full tables, so that sums reach the largest there may be.
                    byte[] tables = new byte[TableKernel.tablesLength(pairs)];
                    for (int i = 0; i < tables.length; i++) {
                        tables[i] = (byte)
                                (pairs % 3 == 0 ? TableKernel.ENTRY_MAX : random.nextInt(TableKernel.ENTRY_MAX + 1));
                    }
                    short[] thresholds = new short[4];
                    for (int g = 0; g < 4; g++) {
                        thresholds[g] = (short) random.nextInt(-1, TableKernel.ENTRY_MAX * pairs * 2);
                    }
                    short[] expected = new short[TableKernel.ROWS];
                    short[] actual = new short[TableKernel.ROWS];
                    long expectedMask =
                            new ScalarTableKernel().sums(memory.segment(), offset, tables, pairs, thresholds, expected);
                    for (TableKernel kernel : kernels) {
                        long mask = kernel.sums(memory.segment(), offset, tables, pairs, thresholds, actual);
                        assertEquals(expectedMask, mask, "pairs=" + pairs);
                        if (mask != 0) {
                            assertArrayEquals(expected, actual, "pairs=" + pairs);
                        }
                    }
                }
            }
        }
    }

    @Test
    void shouldMakeTablesAsPlainJavaDoes() {
        for (int length = 0; length <= 40; length++) {
            float[] levels = values(EntryKernel.LEVELS * (length + 2));
            float[] query = values(length + 2);
            float[] expected = new float[EntryKernel.LEVELS + 3];
            float[] actual = new float[EntryKernel.LEVELS + 3];
            new ScalarEntryKernel().entries(levels, 1, 1 + length, query, 7f, expected, 3);
            EntryKernel.best().entries(levels, 1, 1 + length, query, 7f, actual, 3);
            assertArrayEquals(expected, actual, Float.MIN_VALUE, "length=" + length);
        }
    }

    @Test
    void shouldFindTheByteOfEveryRow() {
        for (int row = 0; row < TableKernel.ROWS; row++) {
            assertEquals(row, TableKernel.row(TableKernel.at(row)));
        }
    }
}
