package io.divvy.worker;

/** A result that no message can carry. The message says why. */
final class UnfitResultException extends Exception {
    private static final long serialVersionUID = 1;

    UnfitResultException(String message) {
        super(message);
    }
}
