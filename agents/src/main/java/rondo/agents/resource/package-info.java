/**
 * The resource agent: how much work a request may cost. Immutable; runs on the retrieval stage's thread.
 */
@NullMarked
package rondo.agents.resource;

import org.jspecify.annotations.NullMarked;
