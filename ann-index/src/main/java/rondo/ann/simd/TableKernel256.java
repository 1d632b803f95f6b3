package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import rondo.ann.HotPath;

/** Thirty-two look-ups by one 256-bit permutation. */
final class TableKernel256 implements TableKernel {
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_256;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_256;

    @Override
    @HotPath
    public long sums(MemorySegment codes, long offset, byte[] tables, int pairs, short[] thresholds, short[] sums) {
        // Of each 16 bits: both rows' sums together, and the upper row's alone.
        ShortVector both0 = ShortVector.zero(SHORTS);
        ShortVector upper0 = both0;
        ShortVector both1 = both0;
        ShortVector upper1 = both0;
        for (int pair = 0; pair < pairs; pair++) {
            ByteVector table = ByteVector.fromArray(BYTES, tables, pair << 5);
            long at = offset + ((long) pair << 6);
            ByteVector codes0 = ByteVector.fromMemorySegment(BYTES, codes, at, ByteOrder.LITTLE_ENDIAN);
            ByteVector codes1 = ByteVector.fromMemorySegment(BYTES, codes, at + 32, ByteOrder.LITTLE_ENDIAN);
            ShortVector entries0 = low(codes0)
                    .selectFrom(table)
                    .add(high(codes0).selectFrom(table))
                    .reinterpretAsShorts();
            ShortVector entries1 = low(codes1)
                    .selectFrom(table)
                    .add(high(codes1).selectFrom(table))
                    .reinterpretAsShorts();
            both0 = both0.add(entries0);
            both1 = both1.add(entries1);
            upper0 = upper0.add(upper(entries0));
            upper1 = upper1.add(upper(entries1));
        }
        ShortVector lower0 = both0.sub(upper0.lanewise(VectorOperators.LSHL, 8));
        ShortVector lower1 = both1.sub(upper1.lanewise(VectorOperators.LSHL, 8));
        long mask = lower0.compare(VectorOperators.GT, thresholds[0]).toLong()
                | lower1.compare(VectorOperators.GT, thresholds[1]).toLong() << 16
                | upper0.compare(VectorOperators.GT, thresholds[2]).toLong() << 32
                | upper1.compare(VectorOperators.GT, thresholds[3]).toLong() << 48;
        if (mask != 0) {
            lower0.intoArray(sums, 0);
            lower1.intoArray(sums, 16);
            upper0.intoArray(sums, 32);
            upper1.intoArray(sums, 48);
        }
        return mask;
    }

    private static ByteVector low(ByteVector codes) {
        return codes.and((byte) 15);
    }

    /** The high halves, moved to the second table. */
    private static ByteVector high(ByteVector codes) {
        return codes.reinterpretAsShorts()
                .lanewise(VectorOperators.LSHR, 4)
                .reinterpretAsBytes()
                .and((byte) 15)
                .or((byte) 16);
    }

    private static ShortVector upper(ShortVector entries) {
        return entries.lanewise(VectorOperators.LSHR, 8);
    }
}
