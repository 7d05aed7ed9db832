package io.divvy.task;

/** The params of a task make no sense to its type. The message says which one, and what was expected. */
public final class InvalidParamsException extends Exception {
    private static final long serialVersionUID = 1;

    public InvalidParamsException(String message) {
        super(message);
    }
}
