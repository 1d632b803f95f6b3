package rondo.jmh;

import java.util.List;
import rondo.kernel.cli.Verb;
import rondo.kernel.cli.VerbProvider;

/** The verb that this module adds to the command line. */
public final class BenchVerbs implements VerbProvider {
    /** For the service loader. */
    public BenchVerbs() {}

    @Override
    public List<Verb> verbs() {
        return List.of(new BenchVerb());
    }
}
