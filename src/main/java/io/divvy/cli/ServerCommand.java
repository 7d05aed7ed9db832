package io.divvy.cli;

import io.divvy.net.HostAndPort;
import io.divvy.protocol.HttpApi;
import io.divvy.recording.RecordingFile;
import io.divvy.rest.KnownHosts;
import io.divvy.rest.RestServer;
import io.divvy.scheduler.Limits;
import io.divvy.server.DivvyServer;
import io.divvy.server.FatalEnd;
import io.divvy.server.Gateway;
import io.divvy.server.OnStranded;
import io.divvy.server.ServerLimits;
import io.divvy.server.StrandedTasksException;
import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import io.divvy.store.StoreOpenException;
import io.divvy.store.TaskStore;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code divvy server} */
@Command(
        name = "server",
        description = {
            "Takes tasks from senders and shares their subtasks out among workers, until it is stopped.",
            "A second Ctrl-C or SIGTERM ends it at once. Each option but --fail-stranded can also be given as an environment"
                    + " variable: --http-port as DIVVY_HTTP_PORT.",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was told to stop",
            "2:wrong usage",
            "3:it could not start, or another server has its data now",
            "6:its data folder, a file or the output could not be read or written",
            "70:it cannot go on (one line on stderr says why) and has to be restarted",
        },
        mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
    private static final int MAX_PORT = 65_535;
    /** Said for one start, never by the environment: it gives up work. */
    static final String FAIL_STRANDED = "--fail-stranded";

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "The address to listen on; ${DEFAULT-VALUE}, this machine only, if not given.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "5000",
            description = "The TCP port of senders and workers; 0 picks a free one. ${DEFAULT-VALUE} if not given.")
    private int port;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "The port of the HTTP API; 0 picks a free one. ${DEFAULT-VALUE} if not given.")
    private int httpPort;

    @Option(
            names = "--advertise-http",
            paramLabel = "URL",
            converter = ServerAddress.Converter.class,
            description =
                    "Where clients find the HTTP API, if that is not this port on the host at which they reach the TCP"
                            + " port: for instance that of a proxy in front of it.")
    private @Nullable ServerAddress advertised;

    @Option(
            names = "--allow-host",
            split = ",",
            paramLabel = "NAME",
            description =
                    "A name, without a port, by which HTTP clients may reach this server, beside localhost, --host,"
                            + " --advertise-http and the names that this machine knows of itself: for instance that of a"
                            + " service among containers. Several separated by commas. Requests under other names are"
                            + " refused, because web pages of other sites make them.")
    private List<String> allowedHosts = List.of();

    @Option(
            names = "--store",
            paramLabel = "KIND",
            defaultValue = "sqlite",
            completionCandidates = CompletionCandidates.Stores.class,
            description =
                    "Where tasks are kept: sqlite, a file that survives whatever happens to the server, or memory,"
                            + " which forgets them when it stops; ${DEFAULT-VALUE} if not given.")
    private String store = "sqlite";

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "divvy-data",
            description =
                    "Where the file of --store sqlite is, for one server at a time; divvy-data in the working folder if not"
                            + " given.")
    private Path data = Path.of("divvy-data");

    @Option(
            names = "--inline-result-bytes",
            paramLabel = "SIZE",
            defaultValue = "1MiB",
            converter = SizeOption.class,
            description = "Results that are larger are left out of a task's view, which says where they are;"
                    + " ${DEFAULT-VALUE} if not given.")
    private long inlineResultBytes;

    @Option(
            names = "--retain",
            paramLabel = "TIME",
            defaultValue = "7d",
            converter = DurationOption.NotZero.class,
            description = "How long finished tasks are kept, for instance 90s, 15m, 12h or 7d;"
                    + " ${DEFAULT-VALUE} if not given.")
    private Duration retain = Duration.ofDays(7);

    @Option(
            names = "--retain-tasks",
            paramLabel = "N",
            defaultValue = "100000",
            description = "How many finished tasks are kept, the newest; ${DEFAULT-VALUE} if not given.")
    private int retainTasks;

    @Option(
            names = "--retain-bytes",
            paramLabel = "SIZE",
            converter = SizeOption.class,
            description = "How much memory finished tasks of --store memory may take together, for instance 64MiB;"
                    + " 256MiB, or 3/32 of the heap if that is less, if not given.")
    private long retainBytes = Retention.DEFAULT.bytes();

    @Option(
            names = "--type-timeout",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationOption.NotZero.class,
            description = "How long one call of the code of a task type that does not ship with Divvy may take on the"
                    + " server, for instance to split a task or to combine results; then the task fails. ${DEFAULT-VALUE} if"
                    + " not given.")
    private Duration typeTimeout = Duration.ofSeconds(10);

    @Option(
            names = FAIL_STRANDED,
            description =
                    "Let unfinished tasks with which this server cannot go on, for instance because their task type"
                            + " is not there any more, end as failed. Without it the server does not start, and they stay as"
                            + " they are.")
    private boolean failStranded;

    @Mixin
    private final RecordOption record = new RecordOption();

    @Override
    public Integer call() throws Exception {
        try (Shutdown shutdown = Shutdown.atSignal()) {
            return run(shutdown);
        }
    }

    private int run(Shutdown shutdown) throws Exception {
        if (!store.equals("sqlite") && !store.equals("memory")) {
            throw new UsageException("--store: expected sqlite or memory, got \"" + store + "\"");
        }
        InetAddress address = resolve(host);
        if (!address.isLoopbackAddress()) {
            System.err.println("divvy: warning: listening on " + host
                    + ", which other machines can reach; whoever can connect can submit tasks and take part in them");
        }
        List<String> namesOfMachine = address.isLoopbackAddress() ? List.of() : HostName.allOfThisMachine();
        KnownHosts hosts = knownHosts(address, namesOfMachine);
        // Before the other port is taken, which may be taken by somebody else.
        InetSocketAddress httpAddress = new InetSocketAddress(address, checkedPort("--http-port", httpPort));
        if (retainTasks < 1) {
            throw new UsageException("--retain-tasks: expected at least 1, got " + retainTasks);
        }
        Retention retention = new Retention(retain.toMillis(), retainTasks, retainBytes);
        long callMs = typeTimeout.toMillis();
        ServerLimits limits = ServerLimits.DEFAULT.with(draft -> {
            draft.inlineResultBytes = inlineResultBytes;
            draft.types = ServerLimits.DEFAULT.types().withCallMs(callMs);
        });
        DivvyServer.Config.Builder config = DivvyServer.Config.on(
                        new InetSocketAddress(address, checkedPort("--port", port)), "divvy/" + Main.version())
                .limits(Limits.forHeap(Runtime.getRuntime().maxMemory()))
                .limits(limits)
                .seed(new SecureRandom().nextLong());
        String advertisedUrl = advertisedUrl();
        TaskTypes types = InstalledTypes.load();
        FatalHalt halt = FatalHalt.armed();
        try (RecordingFile recording = record.create();
                DivvyServer server = bind(config.recording(recording).build(), types, openStore(retention), halt);
                RestServer rest = startHttp(httpAddress, server.gateway(), hosts)) {
            server.tellOf(new HttpApi(rest.address().getPort(), advertisedUrl));
            server.start(); // No task is taken unless both ports are there.
            System.err.println(
                    store.equals("memory")
                            ? "divvy: tasks are kept in memory and are forgotten when the server stops"
                            : "divvy: tasks are kept in "
                                    + data.toAbsolutePath().normalize());
            if (!address.isLoopbackAddress() && allowedHosts.isEmpty() && advertised == null) {
                System.err.println(HostName.said(namesOfMachine));
            }
            // One line that people and scripts can read.
            System.out.println("listening on tcp://" + text(server.address().getPort()) + " and http://"
                    + text(rest.address().getPort()));
            if (System.out.checkError()) {
                throw new LocalFileException(LocalFileException.STDOUT, null); // Whoever waits for it waits for ever.
            }
            shutdown.first(
                    () -> "stopping, which takes some seconds at most; "
                            + (store.equals("memory")
                                    ? "all tasks are forgotten"
                                    : "unfinished tasks go on at the next start"),
                    () -> {
                        rest.close();
                        server.close();
                    });
            server.awaitStop();
            if (server.isBroken()) {
                halt.end(FatalEnd.Reason.LOOP_BROKE, null); // To close what is left would be to trust it.
            }
            return ExitCode.NO_SERVER; // What is stored belongs to another server now.
        }
    }

    private static RestServer startHttp(InetSocketAddress address, Gateway gateway, KnownHosts hosts)
            throws IOException {
        try {
            return RestServer.start(address, gateway, hosts);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; --http-port names another port", e);
        }
    }

    private @Nullable String advertisedUrl() throws UsageException {
        if (advertised == null) {
            return null;
        }
        if (advertised.http() == null) {
            throw new UsageException(
                    "--advertise-http: expected a URL, for instance https://divvy.example, got \"" + advertised + "\"");
        }
        return advertised.toString();
    }

    private KnownHosts knownHosts(InetAddress address, List<String> namesOfMachine) throws UsageException {
        List<String> names = new ArrayList<>();
        allowedHosts.stream().map(String::strip).filter(name -> !name.isEmpty()).forEach(names::add);
        for (String name : names) {
            if (!KnownHosts.isName(name)) {
                throw new UsageException(
                        "--allow-host: expected a name without a port, for instance divvy.example, got \"" + name
                                + "\"");
            }
        }
        names.addAll(namesOfMachine);
        names.add(host);
        if (advertised != null && advertised.http() != null) {
            names.add(advertised.http().getHost());
        }
        return KnownHosts.of(address, names);
    }

    private TaskStore openStore(Retention retention) throws StoreOpenException {
        if (store.equals("memory")) {
            return new MemoryStore(retention);
        }
        return SqliteStore.open(data, retention);
    }

    private DivvyServer bind(DivvyServer.Config config, TaskTypes types, TaskStore store, FatalHalt halt)
            throws IOException {
        try {
            return DivvyServer.bind(
                    config, types, store, failStranded ? OnStranded.FAIL_THEM : OnStranded.REFUSE_TO_START, halt);
        } catch (StoreOpenException e) {
            store.close();
            throw e;
        } catch (StrandedTasksException e) {
            store.close();
            String wayOut = e.canBeFailed()
                    ? ", or start once with " + FAIL_STRANDED + ", which ends these tasks as failed"
                    : "";
            throw new IOException(e.getMessage() + wayOut, e);
        } catch (IOException e) {
            store.close();
            throw new IOException(
                    "cannot listen on " + HostAndPort.text(config.address()) + ": " + e.getMessage()
                            + "; --port names another port",
                    e);
        }
    }

    private static InetAddress resolve(String host) throws UsageException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new UsageException("--host: expected a name or an address of this machine, got \"" + host + "\"");
        }
    }

    private static int checkedPort(String option, int port) throws UsageException {
        if (port < 0 || port > MAX_PORT) {
            throw new UsageException(option + ": expected 0 to " + MAX_PORT + ", got " + port);
        }
        return port;
    }

    /** The address as the user gave it; the one that a wildcard is bound to says less. */
    private String text(int boundPort) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + boundPort;
    }
}
