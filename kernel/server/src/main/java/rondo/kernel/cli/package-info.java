/**
 * The command line: verbs, their JSON, exit codes.
 */
@NullMarked
package rondo.kernel.cli;

import org.jspecify.annotations.NullMarked;
