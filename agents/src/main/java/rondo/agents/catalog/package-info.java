/**
 * What is known of items and users: an immutable catalogue version read from one file, and the dynamic tables (histories, co-visits, popularity) that one thread writes and every thread reads without waiting.
 */
@NullMarked
package rondo.agents.catalog;

import org.jspecify.annotations.NullMarked;
