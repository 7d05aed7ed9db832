package io.divvy.bench;

/** One kind of work, with what it is compared with. */
interface Shape {
    String name();

    /** In a line, for people. */
    String description();

    /** Measures, on a server that has done nothing yet, or on the one that was named. */
    Measurement measure(Bench bench, ServerUnderTest server) throws Exception;
}
