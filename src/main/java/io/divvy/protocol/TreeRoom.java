package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.divvy.heap.HeapShare;

/**
 * The room for what is made of one message while it is read: four mebibytes of {@code [[1],[1],…]} become a hundred and fifty
 * as a tree. Counts as {@link TreeSize} does.
 */
final class TreeRoom {
    private static final long MESSAGE_BYTES = HeapShare.MESSAGE.ofThisHeap();

    private final long mostBytes;
    private long bytes;

    private TreeRoom(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** For what comes from peers of a server. */
    static TreeRoom ofMessage() {
        return new TreeRoom(MESSAGE_BYTES);
    }

    static TreeRoom of(long mostBytes) {
        return new TreeRoom(mostBytes);
    }

    /** For what is ours. */
    static TreeRoom unbounded() {
        return new TreeRoom(Long.MAX_VALUE);
    }

    void take(long moreBytes, JsonParser json) throws Exceeded {
        bytes += moreBytes;
        if (bytes > mostBytes) {
            throw new Exceeded(mostBytes, json.currentTokenLocation());
        }
    }

    /** There is none left. */
    static final class Exceeded extends JsonProcessingException {
        private static final long serialVersionUID = 1;

        private Exceeded(long mostBytes, JsonLocation at) {
            super(
                    "the message takes more than the " + mostBytes
                            + " bytes of memory that one may have when it is read; send less at once, write it in fewer and"
                            + " longer values, or give the server more memory",
                    at);
        }
    }
}
