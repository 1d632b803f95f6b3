package rondo.kernel.config;

/** The configuration says something that cannot be; the message names file, line, rule and value. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
