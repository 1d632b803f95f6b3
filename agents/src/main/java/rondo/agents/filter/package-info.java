/**
 * The filter agent: hard rules that always hold, and a chosen strength of diversification. Runs on the filter stage's thread, one agent each.
 */
@NullMarked
package rondo.agents.filter;

import org.jspecify.annotations.NullMarked;
