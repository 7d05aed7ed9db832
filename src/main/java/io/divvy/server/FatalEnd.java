package io.divvy.server;

import org.jspecify.annotations.Nullable;

/**
 * What is done when a server cannot go on. It is called from the thread that broke or from the one that noticed, perhaps from
 * both, when there may be no memory left: it should allocate nothing.
 */
@FunctionalInterface
public interface FatalEnd {
    /** For a server that is a part of a process: the server stops, and the process goes on. */
    FatalEnd STOP_ONLY = (why, cause) -> {};

    /** Why it cannot go on. */
    enum Reason {
        LOOP_BROKE("the event loop broke"),
        LOOP_HANGS("the event loop has not taken a turn for 60 s"),
        CORE_BROKE("the scheduler broke, and its state may be wrong"),
        EFFECT_BROKE("an effect failed, and so did disconnecting those who wait for it"),
        STORE_BROKE("the store can never write or read again");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** For people; of letters, digits and punctuation of ASCII. */
        public String text() {
            return text;
        }
    }

    /**
     * The server is as good as dead. May return; the server stops by itself then, as far as it can.
     *
     * @param cause what was thrown, if that is known
     */
    void end(Reason why, @Nullable Throwable cause);
}
