package io.divvy.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.divvy.store.TaskStore;
import io.divvy.store.sqlite.Health.Part;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of a store of which parts fail and recover. */
class HealthTest {
    private final List<String> heard = new ArrayList<>();
    private final Health health = new Health(Runnable::run, new TaskStore.Listener() {
        @Override
        public void failing(String why) {
            heard.add("failing: " + why);
        }

        @Override
        public void recovered() {
            heard.add("recovered");
        }

        @Override
        public void lost(String why) {
            heard.add("lost: " + why);
        }
    });

    @Test
    void aPartFailsAndRecovers() {
        health.failing(Part.WRITER, "the disk is full");
        health.failing(Part.WRITER, "the disk is full");
        assertEquals("the disk is full", health.why());
        health.recovered(Part.WRITER);
        health.recovered(Part.WRITER);
        assertNull(health.why());
        assertEquals(List.of("failing: the disk is full", "recovered"), heard);
    }

    @Test
    void theNewestReasonIsTold() {
        health.failing(Part.WRITER, "a commit is not back");
        health.failing(Part.WRITER, "the disk is full");
        assertEquals("the disk is full", health.why());
        assertEquals(List.of("failing: a commit is not back", "failing: the disk is full"), heard);
    }

    @Test
    void aPartThatFailsForOneReasonSaysItOnce() {
        health.failing(Part.LISTS, "the file is gone");
        health.failing(Part.LOOKUPS, "the file is gone");
        health.recovered(Part.LOOKUPS);
        assertEquals("the file is gone", health.why());
        assertEquals(List.of("failing: the file is gone"), heard);
    }

    @Test
    void aPartThatStillFailsIsSaidWhenAnotherRecovers() {
        health.failing(Part.WRITER, "the disk is full");
        health.failing(Part.LISTS, "the file is torn");
        assertEquals("the disk is full; the file is torn", health.why());
        health.recovered(Part.WRITER);
        assertEquals("the file is torn", health.why());
        health.recovered(Part.LISTS);
        assertEquals(
                List.of(
                        "failing: the disk is full",
                        "failing: the disk is full; the file is torn",
                        "failing: the file is torn",
                        "recovered"),
                heard);
    }

    @Test
    void aLostStoreDoesNotRecover() {
        health.failing(Part.WRITER, "the disk is full");
        health.lost("another server has it");
        health.recovered(Part.WRITER);
        health.failing(Part.LISTS, "the file is torn");
        assertEquals("another server has it", health.why());
        assertEquals(List.of("failing: the disk is full", "lost: another server has it"), heard);
    }
}
