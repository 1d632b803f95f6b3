/**
 * The {@code replay} verb: a data directory's journal, made again and compared.
 */
@NullMarked
package rondo.tools.replay;

import org.jspecify.annotations.NullMarked;
