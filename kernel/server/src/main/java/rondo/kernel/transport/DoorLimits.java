package rondo.kernel.transport;

/**
 * How much of the door's memory and time its clients may take. All times are in nanoseconds of the monotonic clock.
 *
 * @param connectionsMax of all clients together.
 * @param helloNs        for Hello, from the connection on.
 * @param frameNs        for the rest of a frame, from its first byte on.
 * @param stallNs        for a socket to take anything of what there is for it.
 * @param idleNs         without a word, for clients that have no shared memory.
 */
public record DoorLimits(int connectionsMax, long helloNs, long frameNs, long stallNs, long idleNs) {
    private static final long NS_PER_MS = 1_000_000;

    /** Hello within 2 s, and a frame or some of a reply within 5 s, which no sound network takes. */
    public static DoorLimits of(int connectionsMax, long idleMs) {
        return new DoorLimits(
                connectionsMax, 2_000 * NS_PER_MS, 5_000 * NS_PER_MS, 5_000 * NS_PER_MS, idleMs * NS_PER_MS);
    }
}
