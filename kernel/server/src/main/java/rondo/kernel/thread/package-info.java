/** Threads that stay on one processor, and how one that sleeps is woken. */
@NullMarked
package rondo.kernel.thread;

import org.jspecify.annotations.NullMarked;
