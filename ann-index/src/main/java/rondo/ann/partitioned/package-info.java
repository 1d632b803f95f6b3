/**
 * Approximate search at any k, under any filter: rows in cells by direction, in each cell by falling worth, as short codes that a scan reads until a bound
 * says that the rest cannot matter; exact scores for what is left. Entered through {@link rondo.ann.partitioned.PartitionedVectorIndex}.
 *
 * <pre>
 * build:  rows ─► Cells ─► ResidualCoder ─► blocks of 64 codes, rows in the same order ─► SearchPlans, fitted on probes
 * search: query ─► cells by bound ─► codes of blocks worth reading ─► R candidates ─► exact scores ─► k rows
 * </pre>
 */
@NullMarked
package rondo.ann.partitioned;

import org.jspecify.annotations.NullMarked;
