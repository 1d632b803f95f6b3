/**
 * The fusion agent: how the sources of a blended route are weighed. Immutable; runs on the retrieval stage's thread.
 */
@NullMarked
package rondo.agents.fusion;

import org.jspecify.annotations.NullMarked;
