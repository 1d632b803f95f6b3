/**
 * What single operations cost, on one thread, without a server around them.
 */
@NullMarked
package rondo.jmh.micro;

import org.jspecify.annotations.NullMarked;
