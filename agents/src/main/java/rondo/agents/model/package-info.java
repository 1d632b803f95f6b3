/**
 * The model agent: the hyper-parameters of the user model behind the features. Immutable; runs on the ranking stage's thread.
 */
@NullMarked
package rondo.agents.model;

import org.jspecify.annotations.NullMarked;
