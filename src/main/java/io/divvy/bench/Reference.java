package io.divvy.bench;

/** The least that a server can do for the same bytes on the wire; each runs in a process of its own. */
public enum Reference {
    /** A bare Selector that passes a frame from one connection to the other and back. */
    ECHO,
    /** A bare Javalin handler that answers a constant. */
    CONSTANT
}
