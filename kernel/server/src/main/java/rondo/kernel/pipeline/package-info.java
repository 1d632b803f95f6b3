/**
 * The request ring and the stages on it: decode and traffic, retrieval, ranking, filter and reply. One publisher (the transport's thread); each stage runs on the thread that the plan gives it.
 *
 * <pre>
 * transport ─publish─► slot ─► admit ─► retrieve ─► rank ─► select ─► reply ─► transport
 *                                                              └─► ledger inbox (decision)
 * </pre>
 */
@NullMarked
package rondo.kernel.pipeline;

import org.jspecify.annotations.NullMarked;
