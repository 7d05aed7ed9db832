package io.divvy.rest;

import io.divvy.rest.BodyFilter.Length;
import io.divvy.server.TaskResult.Pieces;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * The answer with a bare result: as JSON, or as the picture that the JSON holds. One that is not longer than a piece is made at
 * once, any other while it is sent, so that nobody holds all of it.
 */
final class ResultReply {
    private final Pieces json;
    private final ResultForm wanted;
    private final Executor threads;

    private ResultReply(Pieces json, ResultForm wanted, Executor threads) {
        this.json = json;
        this.wanted = wanted;
        this.threads = threads;
    }

    /**
     * Fails if the client does not take what the result is.
     *
     * @param threads where pieces are looked at
     */
    static CompletableFuture<Reply> of(Pieces json, ResultForm wanted, Executor threads) {
        return new ResultReply(json, wanted, threads).reply();
    }

    private CompletableFuture<Reply> reply() {
        return json.read(0).thenComposeAsync(this::reply, threads);
    }

    private CompletableFuture<Reply> reply(ByteBuffer first) {
        if (first.remaining() == json.length()) {
            byte[] whole = new byte[first.remaining()];
            first.duplicate().get(whole);
            return CompletableFuture.completedFuture(of(whole, wanted));
        }
        ByteBuffer head = ends(first, 0);
        return wanted.takesPictures() && PictureText.mayBegin(head) ? pictureOrJson(head) : json();
    }

    /** @param json the result as it is stored */
    static Reply of(byte[] json, ResultForm wanted) {
        ByteBuffer all = ByteBuffer.wrap(json);
        PictureText place = PictureText.of(ends(all, 0), ends(all, json.length - PictureText.END_BYTES), json.length);
        if (place != null && wanted.takesPictures()) {
            Base64Bytes base64 = new Base64Bytes();
            ByteBuffer picture = ByteBuffer.allocate(json.length);
            base64.transfer(all.slice((int) place.from(), (int) (place.to() - place.from())), picture);
            if (base64.isBase64()) {
                return Reply.of(200, PictureText.PNG, Arrays.copyOf(picture.array(), picture.position()));
            }
        }
        requireJson(wanted);
        return Reply.of(200, Reply.JSON, wanted.numbers().in(json));
    }

    private static void requireJson(ResultForm wanted) {
        if (!wanted.takesJson()) {
            throw new CompletionException(wanted.accepted().notAcceptable(List.of(Reply.JSON)));
        }
    }

    /** Some bytes from there on. */
    private static ByteBuffer ends(ByteBuffer bytes, int from) {
        int begin = Math.max(0, from);
        return bytes.slice(bytes.position() + begin, Math.min(PictureText.END_BYTES, bytes.remaining() - begin));
    }

    private CompletableFuture<Reply> json() {
        requireJson(wanted);
        ByteRange all = new ByteRange(0, json.length());
        if (wanted.numbers() == ResultNumbers.NUMBER) {
            return CompletableFuture.completedFuture(
                    Reply.of(Reply.JSON, ResultBody.whole(json, all, BodyForm.STORED, all.length())));
        }
        return length(all, new Length(new QuotedNumbers()))
                .thenApply(length -> Reply.of(Reply.JSON, ResultBody.whole(json, all, BodyForm.STRINGS, length)));
    }

    private CompletableFuture<Reply> pictureOrJson(ByteBuffer head) {
        ByteBuffer tail = ByteBuffer.allocate(PictureText.END_BYTES);
        return read(json.length() - tail.capacity(), tail)
                .thenComposeAsync(
                        read -> {
                            PictureText text = PictureText.of(head, tail.flip(), json.length());
                            if (text == null) {
                                return json();
                            }
                            ByteRange place = new ByteRange(text.from(), text.to());
                            Base64Bytes base64 = new Base64Bytes();
                            // All of it is read once before the first byte is sent: an answer cannot turn into another
                            // one later.
                            return length(place, new Length(base64))
                                    .thenCompose(length -> base64.isBase64()
                                            ? CompletableFuture.completedFuture(Reply.of(
                                                    PictureText.PNG,
                                                    ResultBody.whole(json, place, BodyForm.PICTURE, length)))
                                            : json());
                        },
                        threads);
    }

    private CompletableFuture<Void> read(long from, ByteBuffer to) {
        if (!to.hasRemaining()) {
            return CompletableFuture.completedFuture(null);
        }
        return json.read(from)
                .thenComposeAsync(
                        piece -> {
                            int bytes = Math.min(piece.remaining(), to.remaining());
                            to.put(piece.slice(piece.position(), bytes));
                            return read(from + bytes, to);
                        },
                        threads);
    }

    /** All that is not sent as it is stored is read once more for this, so that a client sees whether it has all. */
    private CompletableFuture<Long> length(ByteRange source, Length length) {
        if (source.isEmpty()) {
            return CompletableFuture.completedFuture(length.end());
        }
        return json.read(source.from())
                .thenComposeAsync(
                        piece -> {
                            int bytes = (int) Math.min(piece.remaining(), source.length());
                            length.add(piece.slice(piece.position(), bytes));
                            return length(new ByteRange(source.from() + bytes, source.to()), length);
                        },
                        threads);
    }
}
