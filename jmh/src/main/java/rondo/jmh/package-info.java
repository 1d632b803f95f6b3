/**
 * What the hot path costs, each figure beside the baseline of the same run.
 */
@NullMarked
package rondo.jmh;

import org.jspecify.annotations.NullMarked;
