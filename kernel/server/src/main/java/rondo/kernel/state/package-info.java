/**
 * The last known good state of every agent, one value for each agent and segment. One of the two rooms that know Chronicle; written by the ledger's
 * thread, read by any.
 *
 * <pre>
 * reward ring ─changed state─► ledger ─put─► CompactedStore ─read─► admin door, other processes
 *                                 journal ─replay after an unclean end─┘
 * </pre>
 */
@NullMarked
package rondo.kernel.state;

import org.jspecify.annotations.NullMarked;
