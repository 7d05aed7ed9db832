package io.divvy.store;

/**
 * Why one thing cannot be read. All else can be, so nobody else need hear of it.
 *
 * @param message what cannot be read and why, for whoever asked
 */
public record ReadFailure(Reason reason, String message) {

    /** Whether it helps to ask again. */
    public enum Reason {
        /** What is stored is damaged. */
        UNREADABLE,
        /** There is no memory for it now. */
        BUSY
    }
}
