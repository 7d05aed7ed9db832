package io.divvy.attack;

import java.io.IOException;
import java.util.List;

/**
 * Something that hostile or clumsy clients do.
 *
 * @param name for the command line and the report
 * @param what one line for people
 * @param heapMb of the server that is attacked
 * @param fillsTheServer whether it fills a bound that all senders share, so that who means well is told {@code busy} too
 * @param preparation what is made on a roomy server beforehand; the attacked server is started on its data
 * @param code starts the attack, which goes on until its process ends
 */
record Attack(String name, String what, int heapMb, boolean fillsTheServer, Preparation preparation, Code code) {
    static final int SMALL_HEAP_MB = 256;

    /** Returns what the attack has to know, such as the ids of tasks. */
    @FunctionalInterface
    interface Preparation {
        List<String> prepare(Target server) throws IOException;
    }

    @FunctionalInterface
    interface Code {
        void start(Crowd crowd);
    }

    static Attack of(String name, String what, Code code) {
        return new Attack(name, what, SMALL_HEAP_MB, false, server -> List.of(), code);
    }

    Attack withHeapMb(int heapMb) {
        return new Attack(name, what, heapMb, fillsTheServer, preparation, code);
    }

    Attack thatFillsTheServer() {
        return new Attack(name, what, heapMb, true, preparation, code);
    }

    Attack preparedBy(Preparation preparation) {
        return new Attack(name, what, heapMb, fillsTheServer, preparation, code);
    }

    @Override
    public String toString() {
        return name;
    }
}
