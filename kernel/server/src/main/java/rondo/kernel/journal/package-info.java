/**
 * The one sequence of records that everything can be rebuilt from; one thread appends. One of the two rooms that know Chronicle.
 */
@NullMarked
package rondo.kernel.journal;

import org.jspecify.annotations.NullMarked;
