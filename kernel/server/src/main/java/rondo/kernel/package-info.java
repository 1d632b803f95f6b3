/**
 * The sidecar process: assembles transports, the request ring, agents, journal and admin door from one configuration, and owns their lifetimes.
 */
@NullMarked
package rondo.kernel;

import org.jspecify.annotations.NullMarked;
