/**
 * The demo: a generated catalogue, an audience with hidden tastes whose intent shifts half-way, and a static and an agentic arm served side by side.
 */
@NullMarked
package rondo.tools.demo;

import org.jspecify.annotations.NullMarked;
