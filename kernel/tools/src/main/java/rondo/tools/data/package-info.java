/**
 * Reads items, vectors and interactions from files, and the documented data set folders.
 */
@NullMarked
package rondo.tools.data;

import org.jspecify.annotations.NullMarked;
