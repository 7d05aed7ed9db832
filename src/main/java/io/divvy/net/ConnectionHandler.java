package io.divvy.net;

/** What a connection tells its owner, always on the loop's thread. */
public interface ConnectionHandler {
    /** A frame came. The bytes are only valid during the call. */
    void onFrame(byte[] bytes, int offset, int length);

    /** What came is not a frame. Nothing more will be read; the owner may send a last message and close. */
    void onBadFrame(FrameException cause);

    /** Something that was due did not come. Nothing more will be read; the owner may send a last message and close. */
    void onTimeout(Timeout timeout, String message);

    /**
     * No frame came, but the peer is not silent: a part of one came; or it took some of what waits for it while it is not
     * read from because it is slow to read; or it is not read from for a reason that is ours.
     */
    default void onSignOfLife() {}

    /**
     * The peer sends nothing more. It has gone, or it only shut its sending side and waits for what it is owed: that cannot be
     * told apart yet.
     *
     * @return whether the connection stays open, to be closed by its owner; else it is closed at once
     */
    default boolean onInputEnd() {
        return false;
    }

    /** Something failed in what came or was to go, by no fault of the peer: the connection is gone, as is told next. */
    default void onOwnFailure() {}

    /** The connection is gone, whoever closed it. Called once, last. */
    void onClosed(String reason);

    /** What was due. */
    enum Timeout {
        /** The first frame. */
        HANDSHAKE,
        /** The rest of a frame. */
        FRAME,
        /** Any frame, within the time that {@link Connection#setIdleTimeoutMs} gave. */
        IDLE
    }
}
