/**
 * The ranking agent: which weights make the score that orders candidates. Runs on the ranking stage's thread, one agent each.
 */
@NullMarked
package rondo.agents.ranking;

import org.jspecify.annotations.NullMarked;
