package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.jmh.latency.Turns.Contestant;
import rondo.wire.ReplyCode;

/**
 * Question: what does a request cost from the caller's memory to the reply in it when no stage does anything: transport, ring, codecs, and back?
 *
 * <p>Baseline: what is usually built instead, a Disruptor pipeline with a thread for each of three stages that do nothing, and the stock wait strategies;
 * without codecs and without a transport, so the caller is in the same process.
 */
public final class EmptyPathBench {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long TIMEOUT_MS = 10_000;
    private static final int ITEMS = 1_000;
    private static final int STAGES = 3;

    private final int seconds;

    /** @param seconds of each contestant. */
    public EmptyPathBench(int seconds) {
        this.seconds = seconds;
    }

    /** Measures, and adds a row for each. */
    public void run(ObjectNode json, ArrayNode rows) throws IOException {
        Path memory = Files.isDirectory(MEMORY) ? MEMORY : Files.createTempDirectory("rondo-bench-");
        try (GeneratedCatalog catalog = new GeneratedCatalog(ITEMS);
                EmptyDoor door = new EmptyDoor(catalog, memory);
                Contestant shared = new Asking(
                        "empty-agent path: caller to reply through shared memory",
                        door,
                        RondoClient.connectShared(door.address(), TIMEOUT_MS));
                Contestant tcp = new Asking(
                        "empty-agent path: caller to reply over loopback TCP",
                        door,
                        RondoClient.connect(door.address(), TIMEOUT_MS));
                Contestant blocking = new Stock("three-thread Disruptor pipeline, blocking wait", false);
                Contestant yielding = new Stock("three-thread Disruptor pipeline, yielding wait", true)) {
            json.put("emptyPathUs", Turns.run(List.of(shared, tcp, blocking, yielding), seconds, rows));
        }
    }

    /** A client of an {@link EmptyDoor}. */
    private static final class Asking implements Contestant, ReplyHandler {
        private final String name;
        private final EmptyDoor door;
        private final RondoClient client;
        private final RecommendRequest request = new RecommendRequest().k(1).dryRun(true);
        private long nextId;
        private long answeredId = -1;

        Asking(String name, EmptyDoor door, RondoClient client) {
            this.name = name;
            this.door = door;
            this.client = client;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isRival() {
            return false;
        }

        @Override
        public void roundTrip() throws IOException {
            long id = nextId++;
            client.send(request.requestId(id).userId(id));
            while (answeredId != id) {
                client.poll(this, 0);
            }
        }

        @Override
        public void onSlate(SlateView slate) {
            if (slate.code() != ReplyCode.OK) {
                throw new IllegalStateException("the empty path refuses: code=" + slate.code());
            }
            answeredId = slate.requestId();
        }

        @Override
        public long allocatedBytes() {
            return door.allocatedBytes();
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    /** What goes through the stock pipeline. */
    private static final class Event {
        long requestId;
    }

    private static final class Stock implements Contestant {
        private final String name;
        private final RingBuffer<Event> ring;
        private final List<BatchEventProcessor<Event>> processors = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();
        private final Sequence last;

        Stock(String name, boolean isYielding) {
            this.name = name;
            WaitStrategy wait = isYielding ? new YieldingWaitStrategy() : new BlockingWaitStrategy();
            ring = RingBuffer.createSingleProducer(Event::new, 256, wait);
            @Nullable Sequence before = null;
            for (int i = 0; i < STAGES; i++) {
                EventHandler<Event> stage = (event, sequence, endOfBatch) -> event.requestId++;
                BatchEventProcessor<Event> processor = new BatchEventProcessorBuilder()
                        .build(ring, before == null ? ring.newBarrier() : ring.newBarrier(before), stage);
                processors.add(processor);
                before = processor.getSequence();
            }
            last = processors.getLast().getSequence();
            ring.addGatingSequences(last);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isRival() {
            return true;
        }

        @Override
        public void begin() {
            for (BatchEventProcessor<Event> processor : processors) {
                threads.add(Thread.ofPlatform().daemon(true).start(processor));
            }
            while (!processors.stream().allMatch(BatchEventProcessor::isRunning)) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void roundTrip() {
            long sequence = ring.next();
            ring.get(sequence).requestId = sequence;
            ring.publish(sequence);
            while (last.get() < sequence) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void end() throws IOException {
            processors.forEach(BatchEventProcessor::halt);
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while a pipeline was stopped", e);
            }
            threads.clear();
        }

        @Override
        public void close() {}
    }
}
