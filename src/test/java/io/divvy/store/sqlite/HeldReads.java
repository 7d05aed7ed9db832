package io.divvy.store.sqlite;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assertions;

/**
 * Connections on which the reads that a test names take as long as the test wants, though no longer than a slow read: they see
 * the file as it was when they began, so SQLite cannot begin its log anew meanwhile.
 */
final class HeldReads implements UnaryOperator<Connections> {
    /** Shorter than the writer's patience with one read. */
    private static final long LONGEST_READ_MS = 400;

    private final long longestMs;
    private final String[] partsOfHeldSql;
    private final BlockingQueue<Held> begun = new LinkedBlockingQueue<>();

    /** A read that has begun. */
    static final class Held {
        private final CountDownLatch released = new CountDownLatch(1);

        /** Lets it go on to its end. */
        void release() {
            released.countDown();
        }
    }

    HeldReads(String... partsOfHeldSql) {
        this(LONGEST_READ_MS, partsOfHeldSql);
    }

    HeldReads(long longestMs, String... partsOfHeldSql) {
        this.longestMs = longestMs;
        this.partsOfHeldSql = partsOfHeldSql;
    }

    /** The next read that begins. */
    Held next() throws InterruptedException {
        Held next = begun.poll(10, TimeUnit.SECONDS);
        Assertions.assertNotNull(next, "no read has begun");
        return next;
    }

    @Override
    public Connections apply(Connections connections) {
        return () -> holding(connections.open());
    }

    private Connection holding(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(connection, arguments);
                        return result instanceof PreparedStatement statement && isHeld((String) arguments[0])
                                ? holding(statement)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private boolean isHeld(String sql) {
        for (String part : partsOfHeldSql) {
            if (sql.contains(part)) {
                return true;
            }
        }
        return false;
    }

    private PreparedStatement holding(PreparedStatement statement) {
        return (PreparedStatement) Proxy.newProxyInstance(
                PreparedStatement.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(statement, arguments);
                        if (result instanceof ResultSet) { // From here on the read sees its moment of the file.
                            Held held = new Held();
                            begun.add(held);
                            held.released.await(longestMs, TimeUnit.MILLISECONDS);
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
