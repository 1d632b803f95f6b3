/**
 * How Rondo ships: the JVM options of the launcher and the metadata of the native image.
 */
@NullMarked
package rondo.nativeconfig;

import org.jspecify.annotations.NullMarked;
