/**
 * The {@code index} verbs: a file of vectors becomes an index file, which is described, checked, and compared with exact search. Enter by {@code IndexVerb};
 * one thread, which the threads that build tell how far they are.
 *
 * <pre>
 * build    vectors ─► MemoryNeed ─► PartitionedVectorIndex ─► index file
 * stats    index file ─► what it holds
 * check    index file ─► every byte, and its own probe
 * compare  index file ┐
 *          vectors ───┴► FlatVectorIndex ─► recall and time of both
 * </pre>
 */
@NullMarked
package rondo.tools.index;

import org.jspecify.annotations.NullMarked;
