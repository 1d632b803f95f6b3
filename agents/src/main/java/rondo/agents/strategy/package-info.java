/**
 * The strategy agent: which stages may explore on a request. Immutable; runs on the first stage's thread.
 */
@NullMarked
package rondo.agents.strategy;

import org.jspecify.annotations.NullMarked;
