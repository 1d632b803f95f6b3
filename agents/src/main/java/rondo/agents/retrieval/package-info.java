/**
 * The retrieval agent's routes: where candidates come from. A generator belongs to one thread.
 */
@NullMarked
package rondo.agents.retrieval;

import org.jspecify.annotations.NullMarked;
