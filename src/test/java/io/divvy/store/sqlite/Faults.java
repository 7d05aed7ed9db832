package io.divvy.store.sqlite;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Connections on which commits go wrong in the way that a test wants. */
final class Faults implements UnaryOperator<Connections> {
    /** What becomes of the commits that come now. */
    enum Commit {
        SUCCEEDS,
        FAILS,
        /** It is done, but the answer is an error. */
        SUCCEEDS_AND_IS_NOT_TOLD,
        HANGS
    }

    volatile Commit commit = Commit.SUCCEEDS;
    /** If set, it decides about each commit. */
    volatile @Nullable Supplier<Commit> luck;
    /** How many pages the file may have; 0 for as many as the disk has room for. */
    volatile int mostPages;

    final AtomicInteger commits = new AtomicInteger();
    /** Hanging commits that go on. */
    final Semaphore released = new Semaphore(0);

    @Override
    public Connections apply(Connections connections) {
        return () -> {
            Connection connection = connections.open();
            if (mostPages > 0) {
                try (var statement = connection.createStatement()) {
                    statement.execute("PRAGMA max_page_count = " + mostPages);
                }
            }
            return faulty(connection);
        };
    }

    private Commit decide() {
        Supplier<Commit> decides = luck;
        return decides == null ? commit : decides.get();
    }

    private Connection faulty(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    boolean isCommit = method.getName().equals("setAutoCommit") && Boolean.TRUE.equals(arguments[0]);
                    Commit now = isCommit ? decide() : Commit.SUCCEEDS;
                    if (isCommit) {
                        commits.incrementAndGet();
                    }
                    if (now == Commit.FAILS) {
                        throw new SQLException("disk I/O error");
                    }
                    if (now == Commit.HANGS) {
                        released.acquire();
                    }
                    Object result;
                    try {
                        result = method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (now == Commit.SUCCEEDS_AND_IS_NOT_TOLD) {
                        throw new SQLException("the reply was lost");
                    }
                    return result;
                });
    }
}
