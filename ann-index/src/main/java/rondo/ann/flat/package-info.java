/**
 * Exact search: the oracle, the best choice below some tens of thousands of rows, and the fallback of every other index. Immutable once built.
 */
@NullMarked
package rondo.ann.flat;

import org.jspecify.annotations.NullMarked;
