package io.divvy.bench;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The process behind a server's address.
 *
 * @param pid what the server says of itself; it means something only on this machine
 */
record LocalProcess(InetSocketAddress address, long pid) {
    /** How long it has computed so far; null if it is not of this machine, or the system does not say. */
    @Nullable
    Duration processorTime() {
        if (!new InetSocketAddress(address.getHostString(), address.getPort())
                .getAddress()
                .isLoopbackAddress()) {
            return null;
        }
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(null);
    }
}
