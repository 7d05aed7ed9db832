package io.divvy.server.session;

import io.divvy.net.Connection;
import io.divvy.net.ConnectionHandler;
import io.divvy.net.EventLoop;
import java.util.function.Function;

/** Makes the session of each new connection. Its first message says which of the four roles the peer has. */
public final class Sessions implements Function<Connection, ConnectionHandler> {
    private final SessionContext context;

    public Sessions(Core core, Tasks tasks, WorkerDoors doors, EventLoop loop, SessionTerms terms) {
        context = new SessionContext(core, tasks, doors, loop, terms);
    }

    @Override
    public ConnectionHandler apply(Connection connection) {
        return new HelloSession(context, connection);
    }
}
