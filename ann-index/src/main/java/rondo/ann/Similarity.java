package rondo.ann;

import org.jspecify.annotations.Nullable;

/** How two vectors are compared; a higher score is always nearer. */
public enum Similarity {
    /** q·x. */
    INNER_PRODUCT(1),
    /** q·x of unit vectors; rows are normalised when the index is built, and a zero row is refused. */
    COSINE(2),
    /** −‖q − x‖². */
    L2(3);

    private final int code;

    Similarity(int code) {
        this.code = code;
    }

    /** The number that stands for it in files. */
    public int code() {
        return code;
    }

    /** The one that a number in a file stands for, or null. */
    public static @Nullable Similarity of(long code) {
        for (Similarity similarity : values()) {
            if (similarity.code == code) {
                return similarity;
            }
        }
        return null;
    }
}
