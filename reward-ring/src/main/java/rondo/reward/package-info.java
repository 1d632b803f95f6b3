/**
 * From what happened to a better policy. A deterministic state machine on one thread: records in, policy blocks and experience rows out.
 */
@NullMarked
package rondo.reward;

import org.jspecify.annotations.NullMarked;
