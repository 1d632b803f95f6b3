/**
 * What requests cost through a real server over loopback, sent at a fixed rate whether answered or not.
 */
@NullMarked
package rondo.jmh.latency;

import org.jspecify.annotations.NullMarked;
