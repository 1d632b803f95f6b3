/**
 * The admin door on loopback: health, metrics and the JSON door, on virtual threads; asks the server through its own binary door.
 */
@NullMarked
package rondo.kernel.admin;

import org.jspecify.annotations.NullMarked;
