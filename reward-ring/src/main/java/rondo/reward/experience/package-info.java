/**
 * Decision, outcome and reward in one row of 64 bytes: what learning reads and what is kept.
 */
@NullMarked
package rondo.reward.experience;

import org.jspecify.annotations.NullMarked;
