package rondo.kernel.transport;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import rondo.client.tls.TlsChannel;
import rondo.kernel.access.CertificateRoles;
import rondo.kernel.access.TokenBucket;

/**
 * TLS handshakes, off the door's thread: each costs six milliseconds of a processor, so only so many begin in a second, one computes at a time, and each has two
 * seconds. The door's thread hands sockets in and takes back those that have shown a certificate.
 */
final class Handshakes implements AutoCloseable {
    private static final int PENDING_MAX = 64;

    private final SSLContext context;
    private final TokenBucket beginnings;
    private final long limitNs;
    private final Runnable onDone;
    private final Semaphore computing = new Semaphore(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<SocketChannel, Long> pending = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Secured> done = new ConcurrentLinkedQueue<>();

    /**
     * A socket whose other side has shown a certificate.
     *
     * @param names in the certificate.
     */
    record Secured(SocketChannel socket, TlsChannel channel, List<String> names) {}

    /**
     * @param perSecond handshakes that may begin.
     * @param limitNs   for each.
     * @param onDone    told on any thread that there is something to take.
     */
    Handshakes(SSLContext context, int perSecond, long limitNs, Runnable onDone) {
        this.context = context;
        this.beginnings = new TokenBucket(perSecond, System.nanoTime());
        this.limitNs = limitNs;
        this.onDone = onDone;
    }

    /**
     * Begins one. Door's thread.
     *
     * @return false when there are too many; the socket is the caller's to close.
     */
    boolean begin(SocketChannel socket, long nowNs) {
        if (pending.size() >= PENDING_MAX || beginnings.take(nowNs) > 0) {
            return false;
        }
        pending.put(socket, nowNs);
        threads.execute(() -> shakeHands(socket));
        return true;
    }

    private void shakeHands(SocketChannel socket) {
        try {
            // Blocks this virtual thread and no other; who takes too long is closed under it.
            socket.configureBlocking(true);
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setNeedClientAuth(true);
            engine.setEnabledProtocols(new String[] {"TLSv1.3"});
            TlsChannel channel = TlsChannel.handshake(socket, engine, operation -> {}, this::compute);
            if (!(engine.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate)) {
                throw new IOException("a certificate that is none of X.509");
            }
            socket.configureBlocking(false);
            if (pending.remove(socket) != null) {
                done.add(new Secured(socket, channel, CertificateRoles.names(certificate)));
                onDone.run();
            }
        } catch (IOException | RuntimeException e) {
            // What is wrong with the other side it was told by an alert.
            pending.remove(socket);
            close(socket);
        }
    }

    private void compute(Runnable task) {
        computing.acquireUninterruptibly();
        try {
            task.run();
        } finally {
            computing.release();
        }
    }

    /** Closes those whose time is over; returns how many. Door's thread. */
    int expire(long nowNs) {
        if (pending.isEmpty()) {
            return 0;
        }
        List<SocketChannel> overdue = pending.entrySet().stream()
                .filter(one -> nowNs - one.getValue() > limitNs)
                .map(Map.Entry::getKey)
                .toList();
        int count = 0;
        for (SocketChannel socket : overdue) {
            if (pending.remove(socket) != null) {
                close(socket);
                count++;
            }
        }
        return count;
    }

    /** The next that is done, or null. Door's thread. */
    @Nullable
    Secured poll() {
        return done.poll();
    }

    private static void close(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Gone either way.
        }
    }

    @Override
    public void close() {
        pending.keySet().forEach(Handshakes::close);
        threads.shutdownNow();
        for (Secured one = done.poll(); one != null; one = done.poll()) {
            close(one.socket());
        }
    }
}
