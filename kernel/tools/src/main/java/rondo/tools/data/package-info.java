/**
 * Reads the documented data set folders, and files of vectors in the usual formats.
 */
@NullMarked
package rondo.tools.data;

import org.jspecify.annotations.NullMarked;
