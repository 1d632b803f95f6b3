/**
 * The tables that show what Rondo's learning is worth: each experiment is a simulation with a fixed seed that writes CSV, Markdown and a plot.
 *
 * <pre>
 * ExperimentVerb ─► Experiment.run ─► Report (tables, targets, plots) ─► stdout, JSON, files
 * </pre>
 *
 * One thread unless an experiment says otherwise.
 */
@NullMarked
package rondo.tools.experiment;

import org.jspecify.annotations.NullMarked;
