/**
 * The TCP door: one thread owns every connection, checks every frame before anything reads it, and writes every reply.
 */
@NullMarked
package rondo.kernel.transport;

import org.jspecify.annotations.NullMarked;
