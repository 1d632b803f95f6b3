package rondo.jmh.ann;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import rondo.ann.Similarity;

/**
 * Libraries in C++, driven by a program of ours that is compiled for this machine when it is needed. Left out with a line where library or compiler is
 * missing.
 *
 * <p>What the program gets and gives is drawn in its source, {@code peers.cpp}.
 */
final class NativePeers {
    private final AnnData data;
    private final String peer;
    private final Say say;

    /** Tells what is done. */
    interface Say {
        void line(String format, Object... arguments);
    }

    NativePeers(AnnData data, String peer, Say say) {
        this.data = data;
        this.peer = peer;
        this.say = say;
    }

    void run(ArrayNode rows) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("rondo-peers");
        try {
            Path program = folder.resolve("peers");
            if (compile(folder, program)) {
                measure(folder, program, rows);
            }
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private boolean compile(Path folder, Path program) throws IOException, InterruptedException {
        Path source = folder.resolve("peers.cpp");
        try (InputStream in = Objects.requireNonNull(NativePeers.class.getResourceAsStream("peers.cpp"))) {
            Files.copy(in, source);
        }
        List<String> command = new ArrayList<>(List.of("g++", "-O3", "-march=native", "-fopenmp", "-std=c++17"));
        command.add("hnswlib".equals(peer) ? "-DWITH_HNSWLIB" : "-DWITH_FAISS");
        command.addAll(List.of(source.toString(), "-o", program.toString()));
        if ("faiss".equals(peer)) {
            command.addAll(List.of("-lfaiss", "-llapack", "-lblas"));
        }
        Path log = folder.resolve("compiler.log");
        try {
            int code = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            if (code == 0) {
                return true;
            }
            say.line(
                    "%s is left out: its driver does not compile; on Debian: apt-get install g++ lib%s-dev (%s)",
                    peer, peer, Files.readString(log).lines().findFirst().orElse(""));
        } catch (IOException e) {
            say.line("%s is left out: no C++ compiler; on Debian: apt-get install g++ lib%s-dev", peer, peer);
        }
        return false;
    }

    private void measure(Path folder, Path program, ArrayNode rows) throws IOException, InterruptedException {
        write(folder.resolve("base.f32"), data.base());
        write(folder.resolve("query.f32"), data.queries());
        for (int f = 0; f < data.filters().size(); f++) {
            BitSet passes = data.filters().get(f).passes();
            byte[] bytes = new byte[data.count()];
            for (int row = 0; row < data.count(); row++) {
                bytes[row] = (byte) (passes.get(row) ? 1 : 0);
            }
            Files.write(folder.resolve("filter" + f + ".u8"), bytes);
        }
        Process process = new ProcessBuilder(
                        program.toString(),
                        folder.toString(),
                        Integer.toString(data.dimension()),
                        data.similarity() == Similarity.L2 ? "l2" : "ip",
                        Integer.toString(data.filters().size()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(folder.resolve("out.txt").toFile())
                .start();
        int code = process.waitFor();
        if (code != 0) {
            say.line("%s is left out: its driver ended with code %d", peer, code);
            return;
        }
        double buildSeconds = 0;
        double bytes = 0;
        for (String line : Files.readAllLines(folder.resolve("out.txt"), StandardCharsets.UTF_8)) {
            String[] fields = line.split("\t", -1);
            if ("built".equals(fields[0])) {
                buildSeconds = Double.parseDouble(fields[1]);
                bytes = Double.parseDouble(fields[2]);
                say.line("%s: built in %.1f s", peer, buildSeconds);
                continue;
            }
            // file, index, params, k, filter
            int k = Integer.parseInt(fields[3]);
            int filter = Integer.parseInt(fields[4]);
            ObjectNode row = AnnBench.write(
                    rows, data, peer, fields[1], fields[2], k, filter, figures(folder.resolve(fields[0]), k, filter));
            row.put("bytesPerVector", bytes / data.count())
                    .put("buildSeconds", buildSeconds)
                    .put("buildCpuSeconds", buildSeconds);
        }
    }

    private AnnBench.Figures figures(Path file, int k, int filter) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int count = data.queryCount();
        double[] bestUs = new double[count];
        int[] counts = new int[count];
        int[] found = new int[count * k];
        for (int q = 0; q < count; q++) {
            bestUs[q] = buffer.getDouble();
            for (int i = 0; i < k; i++) {
                int row = buffer.getInt();
                if (row >= 0) {
                    found[q * k + counts[q]++] = row;
                }
            }
        }
        return AnnBench.Figures.of(data.recall(filter, k, found, counts, count), bestUs);
    }

    private static void write(Path file, float[] values) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        try (var channel = Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int at = 0; at < values.length; ) {
                int end = Math.min(values.length, at + buffer.capacity() / Float.BYTES);
                buffer.clear();
                buffer.asFloatBuffer().put(values, at, end - at);
                buffer.limit((end - at) * Float.BYTES);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                at = end;
            }
        }
    }
}
