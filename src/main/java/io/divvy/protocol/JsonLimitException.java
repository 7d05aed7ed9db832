package io.divvy.protocol;

/** What is JSON by its form, and over one of the limits of numbers, nesting and names. */
public final class JsonLimitException extends ProtocolException {
    private static final long serialVersionUID = 1;

    JsonLimitException(String message) {
        super(ErrorCode.BAD_JSON, message);
    }
}
