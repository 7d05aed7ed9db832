package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.testing.WirePeer;
import org.junit.jupiter.api.Test;

/** What a worker keeps of its answers until they are durable, or their task is to be forgotten. */
class KeptResultsTest extends LostConnection {
    @Test
    void theResultsOfACancelledTaskAreKeptUntilItIsToBeForgotten() {
        letGo.countDown();
        WirePeer first = start(1, firstTakesLong(false));
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        assertEquals(answer(1, 0, "[0]"), first.receive("result").toString());
        first.send("{'type':'cancel','task_id':'t'}");
        first.vanish();
        // The server died before the end of the task was durable.
        WirePeer again = keep(server.welcomeWorker());
        assertEquals(offer(0, "[0]"), again.receive("result").toString());
    }

    @Test
    void anAckCoversPartsOfSeveralAnswers() {
        letGo.countDown();
        WirePeer first = start(1, firstTakesLong(false));
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':4}");
        for (long next = 0; next < 4; ) {
            next += first.receive("result").get("results").size();
        }
        first.send("{'type':'ack','lease':1,'from':0,'to':1}");
        first.send("{'type':'ack','lease':1,'from':2,'to':3}");
        // Once this is answered, the acks were read.
        first.send("{'type':'revoke','lease':1,'from':0}");
        first.receive("released");
        first.vanish();
        WirePeer again = keep(server.welcomeWorker());
        assertEquals(offer(1, "[1]"), again.receive("result").toString());
        assertEquals(offer(3, "[3]"), again.receive("result").toString());
    }
}
