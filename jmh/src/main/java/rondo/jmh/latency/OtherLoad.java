package rondo.jmh.latency;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What other processes took of the machine's processors, from {@code /proc/stat} less what this process used; where there is no such file, nothing is known and
 * nothing counts as disturbed.
 */
final class OtherLoad {
    private static final Path STAT = Path.of("/proc/stat");

    /** Fields after the name: user, nice, system, idle, iowait, irq, softirq, steal. */
    private static final int IDLE = 4;

    private static final int IO_WAIT = 5;
    private static final int STEAL = 8;
    private static final double TICK_NS = 1e7;

    private double startNs;
    private long startWallNs;

    /** Begins a stretch. */
    void begin() {
        startNs = othersNs();
        startWallNs = System.nanoTime();
    }

    /** Processors that others used on average since {@link #begin}. */
    double processors() {
        return Math.max(0, othersNs() - startNs) / Math.max(1, System.nanoTime() - startWallNs);
    }

    private static double othersNs() {
        if (!Files.isReadable(STAT)
                || !(ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean own)) {
            return 0;
        }
        try {
            String[] fields = Files.readString(STAT, StandardCharsets.US_ASCII)
                    .lines()
                    .findFirst()
                    .orElse("")
                    .split(" +");
            double ticks = 0;
            for (int i = 1; i <= STEAL && i < fields.length; i++) {
                ticks += i == IDLE || i == IO_WAIT ? 0 : Double.parseDouble(fields[i]);
            }
            return ticks * TICK_NS - own.getProcessCpuTime();
        } catch (IOException e) {
            return 0;
        }
    }
}
