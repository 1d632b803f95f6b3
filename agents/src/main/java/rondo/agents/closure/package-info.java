/**
 * The functional-closure gate: may this module become an agent, or does it stay a function? Pure computation on the caller's thread.
 *
 * <pre>
 * ClosureModule ─► evaluation  n held-out iterations ──────► evaluable?
 *               ─► choices     every action, same contexts ─► decision space?   ─► ClosureVerdict
 *               ─► loop        perturb, then correct ───────► closed loop?
 * </pre>
 *
 * The same module, spec and seed give the same verdict and the same evidence hash on every JVM.
 */
@NullMarked
package rondo.agents.closure;

import org.jspecify.annotations.NullMarked;
