package rondo.jmh.ann;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
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
import rondo.kernel.cli.UsageException;

/**
 * Libraries in C++, driven by a program of ours that is compiled for this machine when it is needed. Left out with a line where library or compiler is
 * missing.
 *
 * <p>What the program gets and gives is drawn in its source, {@code peers.cpp}.
 */
final class NativePeers {
    private final AnnData data;
    private final String peer;
    private final long leastNs;
    private final Progress progress;

    NativePeers(AnnData data, String peer, long leastNs, Progress progress) {
        this.data = data;
        this.peer = peer;
        this.leastNs = leastNs;
        this.progress = progress;
    }

    void run(ArrayNode rows) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("rondo-peers");
        try {
            Path program = folder.resolve("peers");
            progress.now("%s: compiling its driver", peer);
            if (compile(folder, program)) {
                progress.now("%s: building", peer);
                measure(folder, program, rows);
            }
        } finally {
            delete(folder);
        }
    }

    /** Deletes a folder, if it is there, and all that is in it. */
    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private List<String> flags() throws IOException, InterruptedException {
        return switch (peer) {
            case "hnswlib" -> List.of("-DWITH_HNSWLIB");
            case "usearch" ->
                List.of(
                        "-DWITH_USEARCH",
                        "-DUSEARCH_USE_OPENMP=1",
                        "-I" + NpmPackage.USEARCH.folder(NpmPackage.cache()).resolve("include"));
            default -> List.of("-DWITH_FAISS", "-Wl,-z,muldefs", "-lfaiss", "-llapack", "-lblas");
        };
    }

    private boolean compile(Path folder, Path program) throws IOException, InterruptedException {
        Path source = folder.resolve("peers.cpp");
        try (InputStream in = Objects.requireNonNull(NativePeers.class.getResourceAsStream("peers.cpp"))) {
            Files.copy(in, source);
        }
        List<String> command = new ArrayList<>(List.of("g++", "-O3", "-march=native", "-fopenmp", "-std=c++17"));
        command.addAll(List.of(source.toString(), "-o", program.toString()));
        String needed = "usearch".equals(peer) ? "g++" : "g++ lib" + peer + "-dev";
        Path log = folder.resolve("compiler.log");
        try {
            command.addAll(flags());
            int code = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            if (code == 0) {
                return true;
            }
            progress.line(
                    "%s is left out: its driver does not compile; on Debian: apt-get install %s (%s)",
                    peer, needed, Files.readString(log).lines().findFirst().orElse(""));
        } catch (UsageException e) {
            progress.line("%s is left out: %s", peer, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            progress.line("%s is left out: no C++ compiler; on Debian: apt-get install %s", peer, needed);
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
            ByteBuffer truth =
                    ByteBuffer.allocate(data.truth(f).length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            truth.asIntBuffer().put(data.truth(f));
            Files.write(folder.resolve("truth" + f + ".i32"), truth.array());
        }
        Process process = new ProcessBuilder(
                        program.toString(),
                        folder.toString(),
                        Integer.toString(data.dimension()),
                        data.similarity() == Similarity.L2 ? "l2" : "ip",
                        Integer.toString(data.filters().size()),
                        Double.toString(leastNs / 1e9))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // Ends by itself when nobody reads it any more.
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            read(lines, folder, rows);
        }
        int code = process.waitFor();
        if (code != 0) {
            progress.line("%s is not complete: its driver ended with code %d", peer, code);
        }
    }

    private void read(BufferedReader lines, Path folder, ArrayNode rows) throws IOException {
        String index = "";
        double buildSeconds = 0;
        double buildCpuSeconds = 0;
        double bytes = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.split("\t", -1);
            if ("built".equals(fields[0])) {
                index = fields[1];
                buildSeconds = Double.parseDouble(fields[2]);
                buildCpuSeconds = Double.parseDouble(fields[3]);
                bytes = Double.parseDouble(fields[4]);
                progress.line("%s %s: built in %.1f s", peer, index, buildSeconds);
                continue;
            }
            int k = Integer.parseInt(fields[2]);
            int filter = Integer.parseInt(fields[3]);
            Path file = folder.resolve(fields[0]);
            progress.now(
                    "%s: k=%d, filter=%s, %s",
                    peer, k, data.filters().get(filter).name(), fields[1]);
            ObjectNode row = AnnBench.write(rows, data, peer, index, fields[1], k, filter, figures(file, k, filter));
            row.put("bytesPerVector", bytes / data.count())
                    .put("buildSeconds", buildSeconds)
                    .put("buildCpuSeconds", buildCpuSeconds);
            Files.delete(file);
        }
    }

    private AnnBench.Figures figures(Path file, int k, int filter) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int count = buffer.capacity() / (Double.BYTES + k * Integer.BYTES);
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
        return AnnBench.Figures.of(data.recall(filter, k, found, counts, 0, count), bestUs);
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
