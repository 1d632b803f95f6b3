package rondo.tools.imports;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** A file of UTF-8, gzipped when its name ends in .gz; a byte order mark is skipped, and bytes that are no UTF-8 are refused. */
final class TextFile implements AutoCloseable {
    private static final int BUFFER_LENGTH = 1 << 16;
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    /** Characters that a line can have, which bounds the memory of a file without line breaks. */
    private static final int LINE_LENGTH_MAX = 1 << 24;

    private final Path file;
    private final FileChannel channel;
    private final Reader reader;
    private final StringBuilder buffer = new StringBuilder();
    private long line;

    TextFile(Path file) throws IOException {
        this.file = file;
        channel = FileChannel.open(file);
        try {
            reader = new BufferedReader(
                    new InputStreamReader(bytes(file, channel), StandardCharsets.UTF_8.newDecoder()), BUFFER_LENGTH);
            reader.mark(1);
            if (reader.read() != BYTE_ORDER_MARK) {
                reader.reset();
            }
        } catch (IOException e) {
            channel.close();
            throw refusal(1, e);
        }
    }

    private static InputStream bytes(Path file, FileChannel channel) throws IOException {
        InputStream in = Channels.newInputStream(channel);
        return file.toString().toLowerCase(java.util.Locale.ROOT).endsWith(".gz")
                ? new GZIPInputStream(in, BUFFER_LENGTH)
                : in;
    }

    /** The text, for who does not read it by lines. */
    Reader reader() {
        return reader;
    }

    /** The next line that is not blank, or null after the last one. */
    @Nullable
    String nextLine() throws IOException {
        while (readLine()) {
            String text = buffer.toString().strip();
            if (!text.isEmpty()) {
                return text;
            }
        }
        return null;
    }

    private boolean readLine() throws IOException {
        buffer.setLength(0);
        line++;
        try {
            int next = reader.read();
            if (next < 0) {
                return false;
            }
            for (; next >= 0 && next != '\n'; next = reader.read()) {
                if (buffer.length() == LINE_LENGTH_MAX) {
                    throw new IOException(
                            where() + ": a line is at most " + LINE_LENGTH_MAX + " characters: found=more");
                }
                buffer.append((char) next);
            }
            return true;
        } catch (IOException e) {
            throw refusal(line, e);
        }
    }

    /** {@code file:line} of the last {@link #nextLine()}. */
    String where() {
        return where(line);
    }

    /** {@code file:line}, with lines counted from 1. */
    String where(long line) {
        return file + ":" + line;
    }

    /** Bytes of the file that were read. */
    long done() throws IOException {
        return channel.position();
    }

    long length() throws IOException {
        return channel.size();
    }

    /** Says what a failure to read means, and where; {@code line} is the one that was being read. */
    IOException refusal(long line, IOException e) {
        if (e instanceof CharacterCodingException) {
            return new IOException(where(malformedLine(line)) + ": text is UTF-8, with other bytes found", e);
        }
        if (e instanceof EOFException || e instanceof ZipException) {
            return new IOException(
                    where(line) + ": the gzip stream is cut short or damaged: reason=" + e.getMessage(), e);
        }
        return e;
    }

    /** Decoding runs ahead of the rows, so the line is looked for again, one line at a time. */
    private long malformedLine(long fallback) {
        try (FileChannel again = FileChannel.open(file);
                InputStream in = new java.io.BufferedInputStream(bytes(file, again), BUFFER_LENGTH)) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            long number = 1;
            for (int next = in.read(); next >= 0; next = in.read()) {
                line.write(next);
                if (next == '\n') {
                    if (!isUtf8(line.toByteArray())) {
                        return number;
                    }
                    number++;
                    line.reset();
                }
            }
            return number;
        } catch (IOException e) {
            return fallback;
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
