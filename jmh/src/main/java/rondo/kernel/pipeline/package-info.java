/** What the benchmarks need from inside the kernel's pipeline; in its package because stages are the kernel's own matter. */
@NullMarked
package rondo.kernel.pipeline;

import org.jspecify.annotations.NullMarked;
