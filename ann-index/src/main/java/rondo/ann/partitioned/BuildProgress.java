package rondo.ann.partitioned;

/** Is told how far a build is: by the threads that build, one at a time. */
@FunctionalInterface
public interface BuildProgress {
    /** For whoever does not watch. */
    BuildProgress NONE = share -> {};

    /** @param share of the work that is done, in [0, 1], about in proportion to time; never falls. */
    void at(double share);
}
