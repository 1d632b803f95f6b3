/**
 * The arithmetic of the indexes: each kernel through the Vector API, and in plain Java where that is missing. Entered by the indexes; no state.
 */
@NullMarked
package rondo.ann.simd;

import org.jspecify.annotations.NullMarked;
