/**
 * Watches that say early when learning goes wrong: pure state machines on the learner's thread, of constant memory, that allocate only when an alarm is
 * raised or cleared.
 *
 * <pre>
 * decision (agent, segment, action, propensities, local) ─┐
 * request  (segment, global, α, distance) ────────────────┼─► HardenedMonitors ─► Alarm, raised or cleared
 * tick     (α, volatility) ───────────────────────────────┘
 * </pre>
 *
 * {@link rondo.reward.monitor.CompatMonitor} holds the source article's formulas to the letter, beside which the others are measured;
 * {@link rondo.reward.monitor.ArticleMonitors} feeds them with the same decisions for those who ask for it.
 */
@NullMarked
package rondo.reward.monitor;

import org.jspecify.annotations.NullMarked;
