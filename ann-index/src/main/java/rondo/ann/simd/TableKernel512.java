package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import rondo.ann.HotPath;

/** Sixty-four look-ups by one 512-bit permutation, where there is an instruction for it; elsewhere it costs a thousand times as much. */
final class TableKernel512 implements TableKernel {
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_512;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_512;
    private static final VectorMask<Short> SECOND_HALF = VectorMask.fromLong(SHORTS, 0xFFFF_0000L);

    @Override
    @HotPath
    public long sums(MemorySegment codes, long offset, byte[] tables, int pairs, short[] thresholds, short[] sums) {
        // Of each 16 bits: both rows' sums together, and the upper row's alone.
        ShortVector both = ShortVector.zero(SHORTS);
        ShortVector upper = both;
        for (int pair = 0; pair < pairs; pair++) {
            ByteVector table = ByteVector.fromArray(BYTES, tables, pair << 5);
            ByteVector line =
                    ByteVector.fromMemorySegment(BYTES, codes, offset + ((long) pair << 6), ByteOrder.LITTLE_ENDIAN);
            // The high halves look into the second table.
            ByteVector high = line.reinterpretAsShorts()
                    .lanewise(VectorOperators.LSHR, 4)
                    .reinterpretAsBytes()
                    .and((byte) 15)
                    .or((byte) 16);
            ShortVector entries = line.and((byte) 15)
                    .selectFrom(table)
                    .add(high.selectFrom(table))
                    .reinterpretAsShorts();
            both = both.add(entries);
            upper = upper.add(entries.lanewise(VectorOperators.LSHR, 8));
        }
        ShortVector lower = both.sub(upper.lanewise(VectorOperators.LSHL, 8));
        long mask = lower.compare(VectorOperators.GT, limits(thresholds, 0)).toLong()
                | upper.compare(VectorOperators.GT, limits(thresholds, 2)).toLong() << 32;
        if (mask != 0) {
            lower.intoArray(sums, 0);
            upper.intoArray(sums, 32);
        }
        return mask;
    }

    /** The thresholds of two groups beside each other. */
    private static ShortVector limits(short[] thresholds, int first) {
        return ShortVector.broadcast(SHORTS, thresholds[first]).blend(thresholds[first + 1], SECOND_HALF);
    }
}
