package io.divvy.cli;

/** The HTTP API did not do what was asked. The message says why. */
final class RequestRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;

    RequestRefusedException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** An error code of the protocol, for instance {@code not_found}. */
    String code() {
        return code;
    }
}
