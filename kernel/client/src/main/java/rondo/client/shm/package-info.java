/**
 * Messages between two processes of one host through memory that both map: {@link rondo.client.shm.SharedSegment} is what they map, one
 * {@link rondo.client.shm.MessageRing} in it goes each way. Knows nothing of what messages say.
 */
@NullMarked
package rondo.client.shm;

import org.jspecify.annotations.NullMarked;
