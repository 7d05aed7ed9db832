package io.divvy.net;

/** The length in front of a frame is not one that is allowed. Nothing behind it can be read any more. */
public final class FrameException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean tooLarge;

    FrameException(String message, boolean tooLarge) {
        super(message);
        this.tooLarge = tooLarge;
    }

    /** Whether the frame is just too long, rather than of no or negative length. */
    public boolean isTooLarge() {
        return tooLarge;
    }
}
