package rondo.kernel.cli;

import java.util.List;

/** Adds verbs to the command line from a module above this one; found by {@link java.util.ServiceLoader}, absent from the native image. */
public interface VerbProvider {
    /** New instances, one for each verb. */
    List<Verb> verbs();
}
