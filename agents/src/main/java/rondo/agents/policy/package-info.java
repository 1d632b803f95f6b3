/**
 * Explorers and learners: the published policy block that decisions are drawn from, and the pure step from a block and its events to the next.
 */
@NullMarked
package rondo.agents.policy;

import org.jspecify.annotations.NullMarked;
