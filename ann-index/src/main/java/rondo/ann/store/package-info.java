/**
 * Native memory with one owner.
 */
@NullMarked
package rondo.ann.store;

import org.jspecify.annotations.NullMarked;
