package io.divvy.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What bodies keep, for how long, and which threads they take. */
class BodyReaderTest {
    private static final int LARGE_BYTES = 1 << 20;

    /** What is to run on the threads that make answers; it runs when the test says so. */
    private final Queue<Runnable> onThreads = new ArrayDeque<>();

    private final BodyReader bodies = new BodyReader(
            RestLimits.with()
                    .bodyBytes(LARGE_BYTES)
                    .bufferedBodyBytes(3L * LARGE_BYTES)
                    .build(),
            onThreads::add);

    /** A request whose body is there, as far as it was sent. */
    private static final class Request extends ServletInputStream {
        private ReadListener listener = new Unset();
        private int left;

        HttpServletRequest request() {
            return (HttpServletRequest) Proxy.newProxyInstance(
                    Request.class.getClassLoader(),
                    new Class<?>[] {HttpServletRequest.class},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "getContentLengthLong" -> -1L;
                        case "getInputStream" -> this;
                        default -> throw new UnsupportedOperationException(method.getName());
                    });
        }

        void sends(int bytes) {
            left = bytes;
            try {
                listener.onDataAvailable();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        void sendsAll(int bytes) {
            sends(bytes);
            try {
                listener.onAllDataRead();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public boolean isFinished() {
            return false;
        }

        @Override
        public boolean isReady() {
            return left > 0;
        }

        @Override
        public void setReadListener(ReadListener to) {
            listener = to;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("byte by byte");
        }

        @Override
        public int read(byte[] to) {
            int read = Math.min(left, to.length);
            left -= read;
            return read;
        }
    }

    private static final class Unset implements ReadListener {
        @Override
        public void onDataAvailable() {
            throw new IllegalStateException("nobody reads");
        }

        @Override
        public void onAllDataRead() {
            throw new IllegalStateException("nobody reads");
        }

        @Override
        public void onError(Throwable failure) {
            throw new IllegalStateException("nobody reads");
        }
    }

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @Test
    void aBodyThatWasReadTakesNothingWhileItsRequestGoesOn() {
        int requests = 64;
        List<Request> held = new ArrayList<>();
        List<CompletableFuture<Integer>> lengths = new ArrayList<>();
        long beforeBytes = usedBytes();
        for (int i = 0; i < requests; i++) {
            Request request = new Request();
            held.add(request); // As Jetty does.
            lengths.add(bodies.read(request.request(), body -> body.length));
            request.sendsAll(LARGE_BYTES);
            onThreads.remove().run();
        }
        long keptBytes = usedBytes() - beforeBytes;
        assertEquals(requests, held.size());
        lengths.forEach(length -> assertEquals(LARGE_BYTES, length.join()));
        assertEquals(0, bodies.bufferedBytes());
        assertTrue(keptBytes < (long) requests * LARGE_BYTES / 8, keptBytes + " bytes are kept");
    }

    @Test
    void theValueMadeOfABodyIsNotKept() {
        int requests = 64;
        List<Request> held = new ArrayList<>();
        long beforeBytes = usedBytes();
        for (int i = 0; i < requests; i++) {
            Request request = new Request();
            held.add(request);
            assertFalse(bodies.read(request.request(), body -> body).isDone());
            request.sendsAll(LARGE_BYTES);
            onThreads.remove().run();
        }
        long keptBytes = usedBytes() - beforeBytes;
        assertEquals(requests, held.size());
        assertTrue(keptBytes < (long) requests * LARGE_BYTES / 8, keptBytes + " bytes are kept");
    }

    @Test
    void largeBodiesAreReadInTurnElsewhereAndSmallOnesAtOnce() {
        Request one = new Request();
        Request two = new Request();
        Request small = new Request();
        CompletableFuture<Integer> first = bodies.read(one.request(), body -> body.length);
        CompletableFuture<Integer> second = bodies.read(two.request(), body -> body.length);
        CompletableFuture<Integer> third = bodies.read(small.request(), body -> body.length);
        one.sendsAll(LARGE_BYTES);
        two.sendsAll(LARGE_BYTES);
        small.sendsAll(100);
        assertEquals(100, third.join());
        assertFalse(first.isDone());
        assertEquals(1, onThreads.size(), "one at a time");
        assertEquals(2L * LARGE_BYTES, bodies.bufferedBytes(), "they count until something was made of them");
        onThreads.remove().run();
        assertTrue(first.isDone());
        assertEquals(1, onThreads.size());
        onThreads.remove().run();
        assertEquals(LARGE_BYTES, second.join());
        assertEquals(0, bodies.bufferedBytes());
    }

    @Test
    void theBodyThatWaitsTheLongestForItsTurnMakesRoom() {
        List<CompletableFuture<Integer>> lengths = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Request request = new Request();
            lengths.add(bodies.read(request.request(), body -> body.length));
            request.sendsAll(LARGE_BYTES);
        }
        assertTrue(bodies.bufferedBytes() <= 3L * LARGE_BYTES);
        CompletionException busy =
                assertThrows(CompletionException.class, () -> lengths.get(0).join());
        assertEquals(503, Problem.of(busy).status());
        while (!onThreads.isEmpty()) {
            onThreads.remove().run();
        }
        lengths.subList(1, 4).forEach(length -> assertEquals(LARGE_BYTES, length.join()));
        assertEquals(0, bodies.bufferedBytes());
    }

    @Test
    void aBodyThatCannotBeReadFailsAndGivesItsRoomBack() {
        Request request = new Request();
        CompletableFuture<Object> made = bodies.read(request.request(), body -> {
            throw new IllegalArgumentException("no task");
        });
        request.sendsAll(LARGE_BYTES);
        onThreads.remove().run();
        assertThrows(CompletionException.class, made::join);
        assertEquals(0, bodies.bufferedBytes());
    }
}
