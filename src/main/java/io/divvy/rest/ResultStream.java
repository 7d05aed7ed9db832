package io.divvy.rest;

import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reply that is made while it is sent. While its client does not read it keeps one buffer, not even the piece of the result
 * that it was at: that is read again. If the rest cannot be read, the connection is cut, as the client must not take what it
 * has for the whole.
 *
 * <p>At any time either Jetty owes a call of {@link #onWritePossible}, or one turn is under way, so nothing here is shared.
 */
final class ResultStream extends SlowReply {
    /** What is handed to Jetty at once, and kept until the client has taken it. */
    static final int BUFFER_BYTES = 1 << 16;

    private static final Logger LOG = LoggerFactory.getLogger(ResultStream.class);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ResultBody body;
    private final BodyFilter filter;
    private final ServletOutputStream out;
    private final Turns turns;
    private final Executor threads;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    /** Of the result, what comes next. */
    private long at;

    private boolean isWritten;

    /**
     * @param turns one for each piece that is in memory
     * @param threads where pieces become bytes of the body
     */
    ResultStream(ResultBody body, ServletOutputStream out, ClientEndPoint client, Turns turns, Executor threads) {
        super(client, BUFFER_BYTES);
        this.body = body;
        this.filter = body.filter();
        this.out = out;
        this.turns = turns;
        this.threads = threads;
        this.at = body.from();
    }

    @Override
    public void onWritePossible() {
        taken();
        if (isWritten) {
            done().complete(null);
        } else {
            takeTurn();
        }
    }

    private void takeTurn() {
        turns.take(this::sendPiece).whenComplete((nothing, failure) -> {
            if (failure != null && !done().isDone()) {
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
                LOG.info(
                        "the answer to {} is cut off at byte {} of the result: {}",
                        client().getRemoteSocketAddress(),
                        at,
                        cause.toString());
                cutOff();
            }
        });
    }

    private CompletableFuture<Void> sendPiece() {
        if (done().isDone()) {
            return CompletableFuture.completedFuture(null);
        }
        return (at < body.to() ? body.json().read(at) : CompletableFuture.completedFuture(NOTHING))
                .thenAcceptAsync(this::send, threads);
    }

    /** Jetty is ready for the next bytes. */
    private void send(ByteBuffer piece) {
        ByteBuffer in = piece.slice(piece.position(), (int) Math.min(piece.remaining(), body.to() - at));
        try {
            do {
                fill(in);
                if (!out.isReady()) {
                    return; // Jetty calls again, perhaps at this very moment: nothing is touched any more.
                }
                taken();
                if (isWritten) {
                    done().complete(null);
                    return;
                }
            } while (in.hasRemaining());
        } catch (IOException e) {
            throw new CompletionException(e);
        }
        takeTurn();
    }

    /** Hands the next buffer to Jetty. */
    private void fill(ByteBuffer in) throws IOException {
        ByteBuffer next = ByteBuffer.wrap(buffer);
        int before = in.position();
        filter.transfer(in, next);
        at += in.position() - before;
        if (at == body.to() && next.remaining() >= BodyFilter.LEAST_ROOM) {
            filter.end(next);
            isWritten = true;
        }
        if (next.position() > 0) { // There may be nothing yet of a part that begins later.
            out.write(buffer, 0, next.position());
        }
    }
}
