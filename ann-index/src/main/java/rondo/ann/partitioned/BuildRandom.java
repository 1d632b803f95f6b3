package rondo.ann.partitioned;

/**
 * The random choices of a build: the same for a seed on every JVM, now and later (SplitMix64: Steele, Lea and Flood, Fast splittable pseudorandom number
 * generators, OOPSLA 2014). One thread.
 */
final class BuildRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    BuildRandom(long seed) {
        this.state = seed;
    }

    long nextLong() {
        state += GOLDEN;
        long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** One of {@code bound} numbers from 0 on, each as likely as the others but for one in 2³² (Lemire, TOMACS 29, 2019). */
    int nextInt(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }
}
