/**
 * What may change about the agents and what did: promotions and demotions, each an event that stays. Runs on the learner's thread.
 */
@NullMarked
package rondo.reward.evolution;

import org.jspecify.annotations.NullMarked;
