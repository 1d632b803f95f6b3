/**
 * Imports files of items, vectors and interactions into a new catalogue version, all of it or nothing. Enter by {@code ImportVerb}; one thread.
 *
 * <pre>
 * items         CSV, TSV, JSONL, Parquet ─► TableReader ─► Row ─► ItemImport ────────┐
 * interactions  the same                ─► TableReader ─► Row ─► InteractionImport ─┼─► CatalogBuilder ─► catalog/newest+1
 * vectors       npy, fvecs, ivecs, bvecs, fbin ─► VectorFile ───────────────────────┘
 * </pre>
 *
 * Bad input is an {@code IOException} whose message is {@code file:line: rule: name=value}. The only room that knows DuckDB.
 */
@NullMarked
package rondo.tools.imports;

import org.jspecify.annotations.NullMarked;
