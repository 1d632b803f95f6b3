package rondo.tools.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What is asked of a file before it is opened. */
public final class InputFile {
    private InputFile() {}

    /**
     * The end of its name, in lower case: {@code csv} or {@code csv.gz}.
     *
     * @throws IOException when there is no such file or it cannot be read.
     */
    public static String type(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IOException(file + ": there is no such file, or it cannot be read");
        }
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String ending = name.endsWith(".gz") ? ".gz" : "";
        String plain = name.substring(0, name.length() - ending.length());
        return plain.substring(plain.lastIndexOf('.') + 1) + ending;
    }

    /** The refusal of a type that is none of those known. */
    public static IOException unknownType(Path file, String type, String known) {
        return new IOException(file + ": unknown file type: type=" + type + ", known=" + known);
    }
}
