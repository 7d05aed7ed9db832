package io.divvy.server;

import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.Collections;

/** How to make the server wait for a peer: ask a lot and read nothing. */
final class SlowReading {
    /** A task id that does not exist and makes the error as long as it can be. */
    private static final String QUESTION = "{'type':'status','request':1,'task_id':'" + "x".repeat(64) + "'}";

    private SlowReading() {}

    /** Asks until answers pile up in the server. Returns how many questions that took. */
    static int askUntilTheServerWaits(TcpServer server, WirePeer peer) {
        int asked = 0;
        while (server.gauges().outboundBytes() == 0) {
            ask(peer, 500);
            asked += 500;
            server.settle();
        }
        return asked;
    }

    static void ask(WirePeer peer, int questions) {
        peer.sendTogether(Collections.nCopies(questions, QUESTION));
    }
}
