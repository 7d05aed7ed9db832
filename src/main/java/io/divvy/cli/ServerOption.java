package io.divvy.cli;

import io.divvy.client.ClientOptions;
import io.divvy.client.DivvyClient;
import io.divvy.net.WrongPortException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The option of all commands that talk to a server. One address is enough for all of them: the server tells on each of its two
 * ports where the other one is.
 */
final class ServerOption {
    private static final long RETRY_MS = 1_000;

    @Option(
            names = "--server",
            paramLabel = "ADDRESS",
            split = ",",
            defaultValue = "127.0.0.1:5000",
            converter = ServerAddress.Converter.class,
            description =
                    "Where the server is: HOST, HOST:PORT or the URL of its HTTP API; if not given, what DIVVY_SERVER says, or"
                            + " 127.0.0.1:5000. Several, separated by commas, are tried in that order.")
    private List<ServerAddress> addresses = List.of(ServerAddress.tcp("127.0.0.1", 5_000));

    /** What some commands called it once, when they took a URL only. */
    @Option(names = "--http", hidden = true, split = ",", converter = ServerAddress.Converter.class)
    private List<ServerAddress> formerly = List.of();

    private List<ServerAddress> addresses() throws UsageException {
        List<ServerAddress> all = formerly.isEmpty() ? addresses : formerly;
        if (all.isEmpty()) {
            throw new UsageException("--server: expected an address, for instance 127.0.0.1:5000, got none");
        }
        return all;
    }

    /** Connects over TCP, with one try. */
    DivvyClient connect(ClientOptions options) throws IOException, InterruptedException, UsageException {
        List<InetSocketAddress> servers = tcp();
        try {
            return DivvyClient.connect(servers, options);
        } catch (IOException e) {
            throw noServer(e);
        }
    }

    DivvyClient connect() throws IOException, InterruptedException, UsageException {
        return connect(ClientOptions.DEFAULT);
    }

    /** The HTTP API of the first server that is there. */
    RestClient rest() throws IOException, InterruptedException, UsageException {
        IOException failure = null;
        for (ServerAddress address : addresses()) {
            try {
                RestClient rest = new RestClient(address.findHttp());
                if (addresses().size() > 1) {
                    rest.probe(); // Else nobody would come to the others.
                }
                return rest;
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            } catch (RequestRefusedException e) {
                failure = failure == null ? new IOException(e.getMessage(), e) : failure;
            }
        }
        throw noServer(failure);
    }

    /**
     * The TCP ports of all servers.
     *
     * @throws IOException if none of those that were given by the URL of their HTTP API answers, and there is no other
     */
    List<InetSocketAddress> tcp() throws IOException, InterruptedException, UsageException {
        List<InetSocketAddress> servers = new ArrayList<>();
        IOException failure = null;
        for (ServerAddress address : addresses()) {
            try {
                servers.add(address.findTcp());
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            } catch (RequestRefusedException e) {
                failure = failure == null ? new IOException(e.getMessage(), e) : failure;
            }
        }
        if (servers.isEmpty()) {
            throw noServer(failure);
        }
        return servers;
    }

    /** The same, for whoever can wait until there is a server. */
    List<InetSocketAddress> awaitTcp() throws InterruptedException, UsageException {
        boolean saidSo = false;
        while (true) {
            try {
                return tcp();
            } catch (IOException e) {
                if (!saidSo) {
                    System.err.println("divvy: " + e.getMessage() + "; trying until there is one");
                    saidSo = true;
                }
                Thread.sleep(RETRY_MS);
            }
        }
    }

    private IOException noServer(@Nullable IOException cause) throws UsageException {
        if (cause instanceof WrongPortException || cause instanceof NoServerException) {
            return cause; // It says all there is to say.
        }
        String where = addresses().stream().map(ServerAddress::toString).collect(Collectors.joining(", "));
        return NoServerException.at(where, cause == null ? new IOException("no address was given") : cause);
    }
}
