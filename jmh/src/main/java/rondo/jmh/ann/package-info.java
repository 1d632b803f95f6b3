/**
 * {@code rondo bench ann}: recall against speed of the indexes here and of others, over the same vectors in the same run. Entered through
 * {@link rondo.jmh.ann.AnnBench}.
 */
@NullMarked
package rondo.jmh.ann;

import org.jspecify.annotations.NullMarked;
