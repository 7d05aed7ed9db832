package io.divvy.store.sqlite;

/** What is stored is not what we left there: it belongs to another server now. */
final class LostException extends Exception {
    private static final long serialVersionUID = 1;

    LostException(String message) {
        super(message);
    }
}
