/**
 * The ledger: one thread that journals what comes in, lets the reward ring learn from it, feeds the dynamic tables, and acknowledges.
 */
@NullMarked
package rondo.kernel.orchestration;

import org.jspecify.annotations.NullMarked;
