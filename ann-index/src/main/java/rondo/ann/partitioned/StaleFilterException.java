package rondo.ann.partitioned;

/** A filter speaks of rows of a version that another has taken the place of: make it anew and search again. */
public final class StaleFilterException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StaleFilterException(long filterVersion, long version) {
        super("the filter was made for another version: filterVersion=" + filterVersion + ", version=" + version);
    }
}
