/**
 * The traffic agent: which composition of the chain a request gets, and how much of it may explore. Runs on the first stage's thread.
 */
@NullMarked
package rondo.agents.traffic;

import org.jspecify.annotations.NullMarked;
