/**
 * The closure table: the modules that a recommender is made of, real and small, each put before the gate on a simulated audience.
 *
 * <pre>
 * HeldOutAudience ─► ReferenceModules ─► ClosureGate ─► ClosureVerdict ─► AuditVerb, experiment E5
 * </pre>
 *
 * One thread; everything follows from a seed.
 */
@NullMarked
package rondo.tools.closure;

import org.jspecify.annotations.NullMarked;
