package io.divvy.net;

/** The length in front of a frame is not one that is allowed. Nothing behind it can be read any more. */
public final class FrameException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean tooLarge;
    private final boolean httpRequest;
    private final transient byte[] beginning;

    private FrameException(String message, boolean tooLarge, boolean httpRequest, byte[] beginning) {
        super(message);
        this.tooLarge = tooLarge;
        this.httpRequest = httpRequest;
        this.beginning = beginning;
    }

    /** Of no or negative length. */
    static FrameException noLength(String message) {
        return new FrameException(message, false, false, new byte[0]);
    }

    /** @param beginning what came of the frame already, or some of it */
    static FrameException tooLarge(String message, byte[] beginning) {
        return new FrameException(message, true, false, beginning);
    }

    static FrameException ofHttp(String message) {
        return new FrameException(message, false, true, new byte[0]);
    }

    /** The first bytes behind the length, as far as they came with it: it may show what the frame was about. */
    public byte[] beginning() {
        return beginning.clone();
    }

    /** Whether what came in the place of a length is the beginning of an HTTP request. */
    public boolean isHttpRequest() {
        return httpRequest;
    }

    /** Whether the frame is just too long, rather than of no or negative length. */
    public boolean isTooLarge() {
        return tooLarge;
    }
}
