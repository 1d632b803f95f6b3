/**
 * What prepares and looks at data: imports, evaluations, the demo. Never part of serving nor of the native image.
 */
@NullMarked
package rondo.tools;

import org.jspecify.annotations.NullMarked;
