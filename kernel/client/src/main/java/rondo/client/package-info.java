/**
 * What an edge service links: one connection, typed requests, replies without garbage. A client belongs to one thread.
 */
@NullMarked
package rondo.client;

import org.jspecify.annotations.NullMarked;
