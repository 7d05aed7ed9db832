package io.divvy.worker;

import java.nio.ByteBuffer;

/** A connection to a server, as those who have something to say over it see it. */
interface ServerLink {
    /** Sends a frame. If that fails the connection is broken. */
    void send(ByteBuffer frame);

    /** Sends a frame together with those that follow it soon. */
    void sendInCompany(ByteBuffer frame);

    /** Ends the connection because it makes no sense to go on with it. Another one can be tried. */
    void breakOff(String reason);

    /** Whether nothing more is begun that came over it. */
    boolean isLeaving();

    /** Whether nothing more can be said over it. */
    boolean isOver();
}
