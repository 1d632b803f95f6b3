/**
 * Who may do what, by which transport, and how much of it. Pure tables and counters; {@link rondo.kernel.access.Principal} belongs to the thread of the transport that made it.
 */
@NullMarked
package rondo.kernel.access;

import org.jspecify.annotations.NullMarked;
