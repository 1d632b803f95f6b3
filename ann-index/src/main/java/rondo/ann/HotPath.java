package rondo.ann;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A promise about a method: once warm it constructs and boxes nothing, takes no lock and logs nothing.
 *
 * <p>An architecture rule reads the byte code of every marked method and refuses objects, arrays, boxing, lambdas, string building and locks,
 * except on the way to a {@code throw}; the allocation test counts bytes over the whole path. The mark lives here because this is the module that every other one sees.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface HotPath {}
