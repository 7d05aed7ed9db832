package io.divvy.cli;

/** The HTTP API did not do what was asked. The message says why. */
final class RequestRefusedException extends Exception {
    private static final long serialVersionUID = 1;
    /** Of HTTP: the request is for another server, or the client has to call this one otherwise. */
    private static final int MISDIRECTED = 421;

    private final String code;
    private final boolean isMisdirected;

    private RequestRefusedException(String code, String message, boolean isMisdirected) {
        super(message);
        this.code = code;
        this.isMisdirected = isMisdirected;
    }

    /** @param code an error code of the protocol, for instance {@code not_found} */
    RequestRefusedException(String code, String message) {
        this(code, message, false);
    }

    static RequestRefusedException ofStatus(int status, String code, String message) {
        return new RequestRefusedException(code, message, status == MISDIRECTED);
    }

    String code() {
        return code;
    }

    /** Whether this server does not want to be called what it was called: it has a code of what clients write wrong. */
    boolean isMisdirected() {
        return isMisdirected;
    }
}
