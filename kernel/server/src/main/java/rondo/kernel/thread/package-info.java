/** Threads that stay on one processor. */
@NullMarked
package rondo.kernel.thread;

import org.jspecify.annotations.NullMarked;
