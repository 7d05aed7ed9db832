package io.divvy.client;

import java.io.IOException;

/** The client was closed while somebody waited, or before it was asked. Tasks that were accepted go on. */
public final class ClientClosedException extends IOException {
    private static final long serialVersionUID = 1;

    ClientClosedException() {
        super(
                "this client was closed; tasks that were accepted go on, and another client can attach to them by their ids");
    }
}
