/**
 * The feature agent: which feature groups a request's ranking may use. Immutable; runs on the ranking stage's thread.
 */
@NullMarked
package rondo.agents.feature;

import org.jspecify.annotations.NullMarked;
