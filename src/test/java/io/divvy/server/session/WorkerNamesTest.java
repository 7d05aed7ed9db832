package io.divvy.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.server.session.WorkerNames.Claim;
import org.junit.jupiter.api.Test;

class WorkerNamesTest {
    private final WorkerNames names = new WorkerNames();

    @Test
    void furtherWorkersOfANameAreNumbered() {
        assertEquals("host", names.claim("host").name());
        assertEquals("host-2", names.claim("host").name());
        assertEquals("host-3", names.claim("host").name());
        assertEquals("other", names.claim("other").name());
    }

    @Test
    void aWorkerThatComesBackHasTheNameThatItHad() {
        names.claim("host");
        Claim second = names.claim("host");
        names.claim("host");
        names.release(second);
        assertEquals("host-2", names.claim("host").name());
    }

    @Test
    void noTwoWorkersHaveTheSameNameWhateverTheyAskFor() {
        Claim asked = names.claim("host-2");
        names.claim("host");
        Claim third = names.claim("host");
        assertEquals("host-3", third.name());
        assertEquals("host-2-2", names.claim("host-2").name());
        names.release(asked);
        assertEquals("host-2", names.claim("host").name());
    }
}
