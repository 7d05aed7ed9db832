package io.divvy.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server that a shape is measured with.
 *
 * @param http its HTTP API, or null if that is not known
 * @param probe looks into its process, or null if that is not a process that can be looked into
 */
public record ServerUnderTest(
        InetSocketAddress address,
        @Nullable URI http,
        @Nullable ServerProbe probe) {
    /** What {@link ServerProbe} is made of. It cannot say so itself: without these it cannot be loaded. */
    private static final List<String> MODULES_OF_PROBE =
            List.of("jdk.attach", "jdk.management", "java.management.rmi", "jdk.management.agent");

    /** Refuses a runtime that cannot look into another process; to be called before anything is started. */
    public static void requireProbes() throws IOException {
        for (String module : MODULES_OF_PROBE) {
            if (ModuleLayer.boot().findModule(module).isEmpty()) {
                throw new IOException("looking into the server's process needs a JDK: the Java runtime in "
                        + System.getProperty("java.home") + " lacks the module " + module
                        + "; run divvy with the java of a JDK");
            }
        }
    }

    public static ServerUnderTest of(InetSocketAddress address, @Nullable URI http, @Nullable Long pid)
            throws IOException {
        if (pid != null) {
            requireProbes();
        }
        return new ServerUnderTest(address, http, pid == null ? null : ServerProbe.attach(pid));
    }

    /** What cannot be measured without looking into the server's process. */
    ServerProbe requireProbe() throws IOException {
        if (probe == null) {
            throw new IOException("this shape looks into the server's process; let the benchmark start it, or say its"
                    + " --server-pid");
        }
        return probe;
    }

    URI requireHttp() throws IOException {
        if (http == null) {
            throw new IOException("this shape uses the HTTP API; let the benchmark start the server, or say --http");
        }
        return http;
    }
}
