package io.divvy.server;

import io.divvy.net.Connection;
import io.divvy.net.ConnectionHandler;
import io.divvy.net.EventLoop;

/** What every session needs. */
public record SessionContext(Core core, Tasks tasks, WorkerDoors doors, EventLoop loop, SessionTerms terms) {
    /** The session of a new connection, which says first who it is. */
    public ConnectionHandler begin(Connection connection) {
        return new HelloSession(this, connection);
    }
}
