package io.divvy.server.session;

import io.divvy.net.ConnectionHandler;
import io.divvy.net.FrameException;
import io.divvy.net.Peer;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Frames;
import io.divvy.protocol.Message;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ServerHeartbeat;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection in one role. A bad message gets an error and, where the protocol says so, ends the connection. */
abstract class Session implements ConnectionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final ByteBuffer HEARTBEAT = Frames.encode(new ServerHeartbeat());

    protected final SessionContext context;
    protected final Peer peer;

    private boolean ended;
    private boolean inputEnded;

    Session(SessionContext context, Peer peer) {
        this.context = context;
        this.peer = peer;
    }

    /** Reads one message and acts on it. */
    protected abstract void receive(byte[] bytes, int offset, int length) throws ProtocolException;

    /** How an error is said in the dialect of this session; null if it has no words for it. */
    protected abstract @Nullable Message errorMessage(ProtocolException error);

    /** What came could not be taken; the bytes are what is there of it, perhaps only its beginning. It is refused next. */
    protected void misread(ProtocolException error, byte[] bytes, int offset, int length) {}

    /** Somebody speaks HTTP here. Whether that was answered: it can be only where nothing was said before. */
    protected boolean answerHttp() {
        return false;
    }

    /** Begins the session, once it is the handler of its connection: from here on it sends, and may be closed. */
    protected void start() {}

    /** The connection is about to end, and that is no fault of the peer. */
    protected void exonerate() {}

    /** Whether the peer waits for something that it asked for. */
    protected boolean owesAnswers() {
        return false;
    }

    /** Nothing goes over the connection any more, for that reason. Called once. */
    protected abstract void closed(String reason);

    @Override
    public final void onFrame(byte[] bytes, int offset, int length) {
        try {
            act(bytes, offset, length);
        } catch (RuntimeException | Error e) {
            breakOff(e);
        }
    }

    private void act(byte[] bytes, int offset, int length) {
        try {
            receive(bytes, offset, length);
        } catch (ProtocolException e) {
            misread(e, bytes, offset, length);
            refuse(e);
        }
    }

    @Override
    public final void onBadFrame(FrameException cause) {
        if (cause.isHttpRequest() && answerHttp()) {
            return;
        }
        ProtocolException error = new ProtocolException(
                cause.isTooLarge() ? ErrorCode.FRAME_TOO_LARGE : ErrorCode.BAD_FRAME,
                String.valueOf(cause.getMessage()));
        byte[] beginning = cause.beginning();
        misread(error, beginning, 0, beginning.length);
        refuse(error);
    }

    @Override
    public final void onTimeout(Timeout timeout, String message) {
        switch (timeout) {
            case HANDSHAKE -> refuse(new ProtocolException(ErrorCode.HANDSHAKE_TIMEOUT, message));
            case FRAME -> refuse(new ProtocolException(ErrorCode.BAD_FRAME, message));
            case IDLE -> close(message);
        }
    }

    /** The peer sends nothing more, and gets what it is owed. */
    protected final boolean stayUntilAnswered() {
        inputEnded = true;
        answered();
        return true;
    }

    /** What the peer waited for was sent, or will not come. Closes if it sends nothing more and is owed nothing more. */
    protected final void answered() {
        if (inputEnded && !owesAnswers()) {
            close("closed by the peer");
        }
    }

    @Override
    public final void onOwnFailure() {
        exonerate();
    }

    @Override
    public final void onClosed(String reason) {
        LOG.debug("{} closed: {}", peer, reason);
        end(reason);
    }

    /** Closes the connection once what was sent is written. The session ends now: nothing new is sent any more. */
    protected final void close(String reason) {
        peer.close(reason);
        end(reason);
    }

    /** What was to be done or said for this peer failed, by no fault of its own: it is to come again. */
    protected final void breakOff(Throwable cause) {
        try {
            LOG.error("{}: serving this connection failed", peer, cause);
        } catch (OutOfMemoryError e) {
            // To let it go needs less.
        }
        exonerate();
        close("the server failed to serve this connection");
    }

    /** Does something that was asked for before. If that fails the peer is let go. */
    protected final <T> Consumer<T> guarded(Consumer<T> action) {
        return value -> {
            try {
                action.accept(value);
            } catch (RuntimeException | Error e) {
                breakOff(e);
            }
        };
    }

    private void end(String reason) {
        if (!ended) {
            ended = true;
            closed(reason);
        }
    }

    /** Whether nothing goes over the connection any more: what is asked for in its name has nobody to answer to. */
    protected final boolean isOver() {
        return ended;
    }

    /** Answers the hello of protocol 2. From now on the peer hears a heartbeat where there is nothing else to say. */
    protected final void welcome(String session) {
        long heartbeatMs = context.terms().heartbeatMs();
        send(context.terms().introduction().welcome(session, heartbeatMs));
        peer.sendWhenQuiet(HEARTBEAT, heartbeatMs);
    }

    protected final void send(Message message) {
        peer.send(Frames.encode(message));
    }

    /** Sends what nobody waits for: with another message, a turn later, or before the loop sleeps. */
    protected final void sendInCompany(Message message) {
        peer.sendInCompany(Frames.encode(message));
    }

    /** Says what was wrong, and closes if nothing can follow. */
    protected final void refuse(ProtocolException error) {
        LOG.debug("{}: {}: {}", peer, error.code().wireName(), error.getMessage());
        Message message = errorMessage(error);
        if (message != null) {
            send(message);
        }
        if (error.code().endsConnection()) {
            close(error.code().wireName() + ": " + error.getMessage());
        }
    }
}
