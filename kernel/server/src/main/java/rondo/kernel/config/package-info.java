/**
 * The one YAML file: what every setting is called, means and may be, and the reading of a file into checked values with errors that name the line.
 */
@NullMarked
package rondo.kernel.config;

import org.jspecify.annotations.NullMarked;
