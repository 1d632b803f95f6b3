package rondo.ann.simd;

/** Whether this JVM has the Vector API. A native image has not. */
final class Simd {
    private Simd() {}

    static boolean isAvailable() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }
}
