/**
 * How one stage decides. Pure computation: no files, no threads, no clock but the one handed in; data structures live off-heap and are owned by the caller.
 */
@NullMarked
package rondo.agents;

import org.jspecify.annotations.NullMarked;
