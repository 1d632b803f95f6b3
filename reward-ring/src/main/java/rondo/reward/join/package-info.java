/**
 * Outcomes find the decision that they belong to, once; every decision ends joined, defaulted or late. Runs on the learner's thread.
 */
@NullMarked
package rondo.reward.join;

import org.jspecify.annotations.NullMarked;
