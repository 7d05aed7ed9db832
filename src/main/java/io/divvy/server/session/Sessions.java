package io.divvy.server.session;

import io.divvy.net.ConnectionHandler;
import io.divvy.net.Peer;
import io.divvy.net.Timeline;
import java.util.function.Function;

/** Makes the session of each new connection. Its first message says which of the four roles the peer has. */
public final class Sessions implements Function<Peer, ConnectionHandler> {
    private final SessionContext context;

    public Sessions(Core core, Tasks tasks, WorkerDoors doors, Timeline loop, SessionTerms terms) {
        context = new SessionContext(core, tasks, doors, loop, terms);
    }

    @Override
    public ConnectionHandler apply(Peer peer) {
        return new HelloSession(context, peer);
    }
}
