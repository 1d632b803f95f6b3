/**
 * Vectors in, nearest rows out. A library of its own that knows row numbers and floats only; any thread may search, each with its own searcher.
 */
@NullMarked
package rondo.ann;

import org.jspecify.annotations.NullMarked;
