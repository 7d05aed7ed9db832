package io.divvy.rest;

import io.javalin.http.Context;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All open connections, bounded in their number. A newcomer is always let in, so that nobody can shut out others by keeping
 * connections: the one that has had nothing to do for the longest makes room. Held answers are bounded elsewhere, below the
 * bound of connections, so there is always one that can.
 */
final class ClientConnections {
    private static final Logger LOG = LoggerFactory.getLogger(ClientConnections.class);
    /** A client that has just connected, or has just got an answer, is given so long to ask for something. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int atMost;
    private final Set<ClientEndPoint> open = ConcurrentHashMap.newKeySet();

    ClientConnections(int atMost) {
        this.atMost = atMost;
    }

    /** The connection that a request came on. */
    static ClientEndPoint of(Context request) {
        return of(ServletContextRequest.getServletContextRequest(request.req()));
    }

    private static ClientEndPoint of(Request request) {
        return (ClientEndPoint) request.getConnectionMetaData().getConnection().getEndPoint();
    }

    /** Sees each request before any handler does, so that it is known which connections have one. */
    static Request follow(Request request) {
        ClientEndPoint client = of(request);
        client.begin();
        Request.addCompletionListener(request, failure -> client.end());
        return request;
    }

    /** Several threads of Jetty do this; one at a time, so that the bound holds. */
    synchronized void opened(ClientEndPoint newcomer) {
        if (open.size() >= atMost) {
            long nowNanos = System.nanoTime();
            open.stream()
                    .filter(client -> !client.isHeld())
                    .max(firstToGo(nowNanos))
                    .ifPresent(client -> {
                        LOG.debug("{} is closed for another one: there are {} connections", client, atMost);
                        open.remove(client); // It says that it is closed later, from another thread.
                        client.close();
                    });
        }
        open.add(newcomer);
    }

    /** Who has asked for nothing goes first, and of the others who is busy with the same for the longest. */
    private static Comparator<ClientEndPoint> firstToGo(long nowNanos) {
        return Comparator.comparing(
                        (ClientEndPoint client) -> !client.isBusy() && nowNanos - client.sinceNanos() > GRACE_NANOS)
                .thenComparingLong(client -> nowNanos - client.sinceNanos());
    }

    void closed(ClientEndPoint client) {
        open.remove(client);
    }

    int count() {
        return open.size();
    }
}
