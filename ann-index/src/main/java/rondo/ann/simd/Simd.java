package rondo.ann.simd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this JVM and machine can compute with. */
final class Simd {
    /** True where 64 bytes are permuted by one instruction. The Vector API does not say; on Linux the kernel does. */
    static final boolean HAS_WIDE_BYTE_PERMUTATION = hasWideBytePermutation();

    private Simd() {}

    /** Whether there is the Vector API. A native image has not. */
    static boolean isAvailable() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    private static boolean hasWideBytePermutation() {
        if (!isAvailable() || Preferred.BYTES < 64) {
            return false;
        }
        try {
            return Files.readString(Path.of("/proc/cpuinfo")).contains("avx512_vbmi");
        } catch (IOException e) {
            return false;
        }
    }

    /** Loaded only where there is the Vector API. */
    private static final class Preferred {
        static final int BYTES = jdk.incubator.vector.ByteVector.SPECIES_PREFERRED.vectorByteSize();
    }
}
