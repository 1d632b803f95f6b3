/**
 * The nine live kinds of agent as modules of the closure gate: each on the code that serves requests, before visits of a simulated audience that
 * nothing else ever sees.
 *
 * <pre>
 * HeldOutAudience ─► Chain (retrieve, rank, select) ─► LiveModule, one for each kind ─► ClosureGate
 *   who visits,        one kind's action varied,          its own metric, choices
 *   what they consume  the others static                  and loop
 * </pre>
 *
 * {@link rondo.agents.closure.live.LiveModules} is the front door. One thread; everything follows from a seed.
 */
@NullMarked
package rondo.agents.closure.live;

import org.jspecify.annotations.NullMarked;
