package rondo.agents.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.CatalogFormat.Section;

/**
 * Reads one section of a catalogue. Its bytes are what was written; what is checked is that a writer other than this version's wrote sense: nothing is
 * allocated or read by a count before the bytes that it claims are known to be there.
 *
 * <p>Every method throws an {@link IOException} naming directory, section and offset when they are not. One thread.
 */
final class SectionReader {
    private final Path directory;
    private final Section section;
    private final ByteBuffer bytes;

    private SectionReader(Path directory, Section section, ByteBuffer bytes) {
        this.directory = directory;
        this.section = section;
        this.bytes = bytes;
    }

    static SectionReader of(Path directory, Map<Section, ByteBuffer> sections, Section section) throws IOException {
        SectionReader reader = ofOptional(directory, sections, section);
        if (reader == null) {
            throw new IOException(directory + ": the catalogue lacks a section: section=" + section);
        }
        return reader;
    }

    /** Null when there is no such section. */
    static @Nullable SectionReader ofOptional(Path directory, Map<Section, ByteBuffer> sections, Section section) {
        ByteBuffer bytes = sections.get(section);
        return bytes == null ? null : new SectionReader(directory, section, bytes);
    }

    /** What is left, to be read where a check of its own has said that it is there. */
    ByteBuffer bytes() {
        return bytes;
    }

    void require(boolean isRight, String what) throws IOException {
        if (!isRight) {
            throw senseless(what);
        }
    }

    IOException senseless(String what) {
        return new IOException(directory + ": the catalogue makes no sense: section=" + section + ", offset="
                + bytes.position() + ", " + what);
    }

    /** So many entries of so many bytes each are left, and nothing else. */
    void requireLeft(String what, long count, int length) throws IOException {
        require(
                bytes.remaining() == count * length,
                what + "=" + count + ", expected bytes=" + count * length + ", found=" + bytes.remaining());
    }

    /** At least so many entries of so many bytes each are left. */
    void requireAtLeast(String what, long count, int length) throws IOException {
        require(
                bytes.remaining() >= count * length,
                what + "=" + count + ", expected bytes of at least=" + count * length + ", found=" + bytes.remaining());
    }

    void requireEnd() throws IOException {
        requireLeft("entries after the last", 0, 1);
    }

    long int64() throws IOException {
        requireAtLeast("int64", 1, Long.BYTES);
        return bytes.getLong();
    }

    int int32() throws IOException {
        requireAtLeast("int32", 1, Integer.BYTES);
        return bytes.getInt();
    }

    int uint8() throws IOException {
        requireAtLeast("uint8", 1, Byte.BYTES);
        return bytes.get() & 0xFF;
    }

    /** How many entries follow, each of at least so many bytes. */
    int count(String what, int lengthMin) throws IOException {
        int count = int32();
        require(count >= 0, what + "=" + count);
        requireAtLeast(what, count, lengthMin);
        return count;
    }

    String string() throws IOException {
        byte[] text = new byte[count("text length", 1)];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    List<String> strings() throws IOException {
        int count = count("texts", Integer.BYTES);
        List<String> strings = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            strings.add(string());
        }
        return List.copyOf(strings);
    }
}
