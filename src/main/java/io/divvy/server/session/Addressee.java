package io.divvy.server.session;

/** Somebody who is to hear something, and cannot be told, for a reason that is the server's. */
public interface Addressee {
    /**
     * It is let go: its connection ends, or its question fails, so that it asks again. Instead of what it was to hear, or
     * behind a part of it.
     */
    void letGo(Throwable cause);

    /** Tells it something. That it cannot be told must not keep others from what they are to hear. */
    default void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException | Error e) {
            letGo(e);
        }
    }
}
