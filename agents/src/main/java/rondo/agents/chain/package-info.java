/**
 * The nine kinds together: what each may choose from, and how one action of each becomes a slate. A chain belongs to one thread.
 *
 * <pre>
 * traffic, resource ─► how many candidates ─┐
 * retrieval, fusion ─► from where          ─┴► ranking, feature, model ─► order ─► filter ─► slate
 * </pre>
 */
@NullMarked
package rondo.agents.chain;

import org.jspecify.annotations.NullMarked;
