/**
 * What logged decisions say about policies, at any time and however often one looks. Pure; one thread.
 */
@NullMarked
package rondo.reward.evaluation;

import org.jspecify.annotations.NullMarked;
