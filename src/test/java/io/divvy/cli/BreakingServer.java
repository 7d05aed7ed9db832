package io.divvy.cli;

import io.divvy.server.DivvyServer;
import io.divvy.server.FatalEnd;
import io.divvy.server.OnStranded;
import io.divvy.store.ForwardingStore;
import io.divvy.store.Retention;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.task.TaskTypes;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A program for tests: the real server, which ends as {@code divvy server} does when it cannot go on, with a store that breaks
 * a thread of it once the standard input has ended.
 */
public final class BreakingServer {
    private static volatile @Nullable Error fault;
    /** Keeps what fills the memory. */
    private static final List<byte[]> HOARD = new ArrayList<>(1_000_000);

    private BreakingServer() {}

    /** @param args a folder for its data, and the beginning of the name of the thread that is to break */
    public static void main(String[] args) throws Exception {
        String victim = args[1];
        DivvyServer.Config config = DivvyServer.Config.on(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "divvy/test")
                .build();
        FatalHalt halt = FatalHalt.armed();
        SqliteStore store = SqliteStore.open(Path.of(args[0]), Retention.DEFAULT);
        DivvyServer server = DivvyServer.bind(
                config, TaskTypes.builtin(), new Breaking(store, victim), OnStranded.REFUSE_TO_START, halt);
        server.start();
        System.out.println("listening on " + server.address().getPort());
        System.in.transferTo(OutputStream.nullOutputStream());
        Error prepared = new OutOfMemoryError("as if there were no memory");
        if (args.length > 2) {
            fillMemory();
        }
        fault = prepared;
        server.awaitStop();
        if (server.isBroken()) {
            halt.end(FatalEnd.Reason.LOOP_BROKE, null);
        }
    }

    private static void fillMemory() {
        for (int bytes = 1 << 20; bytes > 0; bytes /= 2) {
            try {
                while (true) {
                    HOARD.add(new byte[bytes]);
                }
            } catch (OutOfMemoryError e) {
                // Then smaller ones.
            }
        }
    }

    /** Everything that the store and the loop do passes through here now and then. */
    private static final class Breaking extends ForwardingStore {
        private final String victim;

        Breaking(SqliteStore store, String victim) {
            super(store);
            this.victim = victim;
        }

        private void passes() {
            Error due = fault;
            if (due != null && Thread.currentThread().getName().startsWith(victim)) {
                throw due;
            }
        }

        @Override
        public void start(Executor loop, Listener listener) {
            super.start(
                    task -> {
                        passes();
                        loop.execute(task);
                    },
                    listener);
        }

        /** Asked for in each turn of the loop. */
        @Override
        public long nextSweepMs() {
            passes();
            return super.nextSweepMs();
        }
    }
}
