/**
 * Sends a data set through a real server and compares what comes back with what users did.
 */
@NullMarked
package rondo.tools.evaluate;

import org.jspecify.annotations.NullMarked;
