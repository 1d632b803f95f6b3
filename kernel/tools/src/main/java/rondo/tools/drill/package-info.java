/**
 * Drills: what a real server, in a process of its own, does while others misbehave towards it. Each says how much misbehaved, and fails when nothing did.
 */
@NullMarked
package rondo.tools.drill;

import org.jspecify.annotations.NullMarked;
