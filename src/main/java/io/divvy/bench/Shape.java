package io.divvy.bench;

/** One kind of work, with what it is compared with. */
interface Shape {
    String name();

    /** In a line, for people. */
    String description();

    /** What its server may use at most, as {@code java -Xmx} takes it. */
    default String serverHeap() {
        return "1g";
    }

    /** Measures, on a server that has done nothing yet, or on the one that was named. */
    Measurement measure(Bench bench, ServerUnderTest server) throws Exception;
}
