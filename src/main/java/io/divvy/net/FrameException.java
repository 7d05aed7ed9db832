package io.divvy.net;

/** The length in front of a frame is not one that is allowed. Nothing behind it can be read any more. */
public final class FrameException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean tooLarge;
    private final transient byte[] beginning;

    /** @param beginning what came of the frame already, or some of it */
    FrameException(String message, boolean tooLarge, byte[] beginning) {
        super(message);
        this.tooLarge = tooLarge;
        this.beginning = beginning;
    }

    /** The first bytes behind the length, as far as they came with it: it may show what the frame was about. */
    public byte[] beginning() {
        return beginning.clone();
    }

    /** Whether the frame is just too long, rather than of no or negative length. */
    public boolean isTooLarge() {
        return tooLarge;
    }
}
