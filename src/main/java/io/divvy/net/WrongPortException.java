package io.divvy.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something is there that speaks another protocol. Its message names the address, and the right one if that is known. */
public final class WrongPortException extends IOException {
    private static final long serialVersionUID = 1;

    WrongPortException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
