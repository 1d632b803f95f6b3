package rondo.ann.partitioned;

import org.agrona.UnsafeApi;
import rondo.ann.HotPath;
import rondo.ann.simd.BlockKernel;
import rondo.ann.store.NativeMemory;

/** A small matrix that vectors are multiplied by. Immutable; shared by threads, each with a {@link Multiplier} of its own. */
final class Products implements AutoCloseable {
    private final NativeMemory memory;
    private final int count;
    private final int dimension;

    /** @param rows row-major, {@code count × dimension}; copied. */
    Products(float[] rows, int dimension) {
        this.count = rows.length / dimension;
        this.dimension = dimension;
        this.memory = new NativeMemory(padded(count) / BlockKernel.ROWS * BlockKernel.blockLength(dimension));
        for (int row = 0; row < count; row++) {
            for (int d = 0; d < dimension; d++) {
                UnsafeApi.putFloat(BlockKernel.address(memory, dimension, row, d), rows[row * dimension + d]);
            }
        }
    }

    private static int padded(int count) {
        return (count + BlockKernel.ROWS - 1) / BlockKernel.ROWS * BlockKernel.ROWS;
    }

    int count() {
        return count;
    }

    int dimension() {
        return dimension;
    }

    /** Floats that a product takes. */
    int paddedCount() {
        return padded(count);
    }

    /** One value of the matrix. */
    float value(int row, int d) {
        return UnsafeApi.getFloat(BlockKernel.address(memory, dimension, row, d));
    }

    /** All of them, row-major. */
    float[] values() {
        float[] values = new float[count * dimension];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(i / dimension, i % dimension);
        }
        return values;
    }

    long length() {
        return memory.length();
    }

    @Override
    public void close() {
        memory.close();
    }

    /** Multiplies on one thread. */
    final class Multiplier {
        private final BlockKernel kernel = BlockKernel.of(false);
        private final float[] block = new float[BlockKernel.ROWS];

        /**
         * @param vector {@code dimension} floats or more.
         * @param out    {@link #paddedCount} floats.
         */
        @HotPath
        void multiply(float[] vector, float[] out) {
            long blockLength = BlockKernel.blockLength(dimension);
            for (int at = 0; at < count; at += BlockKernel.ROWS) {
                kernel.score(
                        memory.segment(),
                        at / BlockKernel.ROWS * blockLength,
                        vector,
                        dimension,
                        Float.NEGATIVE_INFINITY,
                        block);
                System.arraycopy(block, 0, out, at, BlockKernel.ROWS);
            }
        }

        /** The row whose product, with its addend, is largest; the first of equals. */
        int best(float[] vector, float[] addends, float[] scratch) {
            multiply(vector, scratch);
            int best = 0;
            float most = Float.NEGATIVE_INFINITY;
            for (int row = 0; row < count; row++) {
                float sum = scratch[row] + addends[row];
                if (sum > most) {
                    most = sum;
                    best = row;
                }
            }
            return best;
        }
    }
}
