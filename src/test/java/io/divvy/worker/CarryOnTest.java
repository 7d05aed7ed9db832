package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.task.RangeFolder;
import io.divvy.testing.WirePeer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The connection is lost while subtasks run: the worker carries on, and nothing that it has is done twice. */
class CarryOnTest extends LostConnection {
    @Test
    void aRunningSubtaskIsFinishedAndOfferedOnTheNextConnection() throws Exception {
        loseTheConnectionOf(1, firstTakesLong(false));
        // All its slots are busy, and it is here again.
        WirePeer again = keep(server.welcomeWorker());
        letGo.countDown();
        assertEquals(offer(0, "[0]"), again.receive("result").toString());
        assertEquals(1, interrupted.getCount(), "it was left alone");
    }

    @Test
    void aResultOfATimeWithoutServerIsOfferedToTheNextOne() throws Exception {
        WirePeer first = start(1, firstTakesLong(false));
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        await(begun);
        server.stopListening();
        first.vanish();
        letGo.countDown();
        server.listenAgain();
        assertEquals(
                offer(0, "[0]"), keep(server.welcomeWorker()).receive("result").toString());
    }

    @Test
    void aSubtaskThatOutlivesSeveralConnectionsIsOfferedOnTheLast() throws Exception {
        loseTheConnectionOf(1, firstTakesLong(false));
        server.welcomeWorker().vanish();
        server.welcomeWorker().vanish();
        WirePeer last = keep(server.welcomeWorker());
        letGo.countDown();
        assertEquals(offer(0, "[0]"), last.receive("result").toString());
    }

    @Test
    void aLeaseOfARunningSubtaskIsNotRunAgain() throws Exception {
        loseTheConnectionOf(2, firstTakesLong(false));
        WirePeer again = keep(server.welcomeWorker());
        again.send(task());
        again.send("{'type':'assign','lease':7,'task_id':'t','from':0,'to':3}");
        assertEquals(answer(7, 1, "[1]"), again.receive("result").toString());
        assertEquals(answer(7, 2, "[2]"), again.receive("result").toString());
        letGo.countDown();
        assertEquals(offer(0, "[0]"), again.receive("result").toString());
        assertEquals(1, attempts.get());
    }

    @Test
    void aLeaseOfOfferedResultsIsNotRunAgainUnlessTheOfferWasTaken() throws Exception {
        letGo.countDown();
        WirePeer first = start(1, firstTakesLong(false));
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        assertEquals(answer(1, 0, "[0]"), first.receive("result").toString());
        first.vanish();

        WirePeer again = keep(server.welcomeWorker());
        assertEquals(offer(0, "[0]"), again.receive("result").toString());
        again.send(task());
        again.send("{'type':'assign','lease':7,'task_id':'t','from':0,'to':2}");
        assertEquals(answer(7, 1, "[1]"), again.receive("result").toString());
        assertEquals(1, attempts.get());

        // Its result was of no use to the server, so it asks for another.
        again.send("{'type':'ack','task_id':'t','from':0,'to':1}");
        again.send("{'type':'assign','lease':8,'task_id':'t','from':0,'to':1}");
        assertEquals(answer(8, 0, "[0]"), again.receive("result").toString());
        assertEquals(2, attempts.get());
    }

    @Test
    void anOfferThatWasTakenIsNotMadeAgain() throws Exception {
        loseTheConnectionOf(2, firstTakesLong(false));
        WirePeer again = keep(server.welcomeWorker());
        again.send(task());
        // A server that was started anew gives the same numbers again.
        again.send("{'type':'assign','lease':1,'task_id':'t','from':5,'to':6}");
        assertEquals(answer(1, 5, "[5]"), again.receive("result").toString());
        letGo.countDown();
        assertEquals(offer(0, "[0]"), again.receive("result").toString());
        again.send("{'type':'ack','task_id':'t','from':0,'to':1}");
        // Once this is answered, the ack was read.
        again.send("{'type':'revoke','lease':1,'from':5}");
        again.receive("released");
        again.vanish();
        assertEquals(
                offer(5, "[5]"), keep(server.welcomeWorker()).receive("result").toString(), "and not what is durable");
    }

    @Test
    void aFailureAfterAReconnectIsAnErrorUnderTheNewLease() throws Exception {
        loseTheConnectionOf(1, firstTakesLong(true));
        WirePeer again = keep(server.welcomeWorker());
        again.send(task());
        again.send("{'type':'assign','lease':7,'task_id':'t','from':0,'to':1}");
        // Once this is answered, the lease was read.
        again.send("{'type':'revoke','lease':7,'from':0}");
        assertEquals(1, again.receive("released").get("from").intValue(), "it is not given back: it runs");
        letGo.countDown();
        JsonNode error = again.receive("error");
        assertEquals(7, error.get("lease").intValue());
        assertEquals(0, error.get("index").intValue());
        assertTrue(error.get("message").textValue().contains("not this one"), error::toString);
        assertEquals(1, attempts.get());
    }

    @Test
    void aFailureThatNoLeaseAsksForIsRunAgainWhenItIsLeased() throws Exception {
        loseTheConnectionOf(1, firstTakesLong(true));
        WirePeer again = keep(server.welcomeWorker());
        again.send(task());
        again.send("{'type':'assign','lease':7,'task_id':'t','from':1,'to':2}");
        letGo.countDown();
        assertEquals(answer(7, 1, "[1]"), again.receive("result").toString(), "the only slot is free again");
        again.send("{'type':'assign','lease':8,'task_id':'t','from':0,'to':1}");
        assertEquals(8, again.receive("error").get("lease").intValue());
        assertEquals(2, attempts.get());
    }

    @Test
    void aFailedSubtaskIsRunAgainThoughTheNextOfItsBatchStillRuns() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        WirePeer first = start(2, new Letters((payload, context) -> {
            if (payload.intValue() == 0) {
                failures.incrementAndGet();
                throw new IllegalStateException("never");
            }
            return payload.intValue() == 1 ? waitToBeLetGo(payload) : payload;
        }));
        first.send(task());
        // Now it knows how quick they are, and the next ones are taken two at a time.
        first.send("{'type':'assign','lease':1,'task_id':'t','from':10,'to':11}");
        first.receive("result");
        first.send("{'type':'assign','lease':2,'task_id':'t','from':0,'to':4}");
        first.receiveAfter("error", "result");
        await(begun);
        first.vanish();
        WirePeer again = keep(server.welcomeWorker());
        again.send(task());
        again.send("{'type':'assign','lease':7,'task_id':'t','from':0,'to':1}");
        assertEquals(7, again.receiveAfter("error", "result").get("lease").intValue());
        assertEquals(2, failures.get());
    }

    @Test
    void theTimeOfASubtaskIsKeptWhileThereIsNoConnection() throws Exception {
        WirePeer first = start(1, firstTakesLong(false));
        first.send(task().replace("'fold':false", "'fold':false,'subtask_timeout_ms':300"));
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        await(begun);
        first.vanish();
        await(interrupted);
    }

    @Test
    void aSubtaskOfATaskThatTheNextServerDoesNotKnowIsStopped() throws Exception {
        WirePeer first = start(2, firstTakesLong(false));
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':2}");
        assertEquals(answer(1, 1, "[1]"), first.receive("result").toString());
        await(begun);
        first.vanish();
        WirePeer again = keep(server.welcomeWorker());
        assertEquals(offer(1, "[1]"), again.receive("result").toString());
        again.send("{'type':'forget','task_id':'t'}");
        await(interrupted);
    }

    @Test
    void anotherTaskUnderTheSameIdGetsNothingOfTheOldOne() throws Exception {
        loseTheConnectionOf(1, firstTakesLong(false));
        WirePeer again = keep(server.welcomeWorker());
        again.send(task().replace("'params':{}", "'params':{'another':1}"));
        again.send("{'type':'assign','lease':7,'task_id':'t','from':0,'to':1}");
        await(interrupted);
        letGo.countDown();
        assertEquals(answer(7, 0, "[0]"), again.receive("result").toString());
        assertEquals(2, attempts.get());
    }

    @Test
    void aFoldThatRunsWhenTheConnectionIsLostIsStopped() throws Exception {
        RangeFolder folder = (subtasks, from, to, context) -> waitToBeLetGo(LongNode.valueOf(0));
        WirePeer first = start(1, new Letters((payload, context) -> payload, folder));
        first.send(task().replace("'fold':false", "'fold':true"));
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1000}");
        await(begun);
        first.vanish();
        await(interrupted);
    }

    @Test
    void aSubtaskThatDoesNotHeedItsInterruptKeepsItsSlotAfterAReconnect() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        WirePeer first = start(1, new Letters((payload, context) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                if (payload.intValue() == 0) {
                    begun.countDown();
                    awaitUninterrupted(letGo);
                }
                return payload;
            } finally {
                running.decrementAndGet();
            }
        }));
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        await(begun);
        first.send("{'type':'forget','task_id':'t'}");
        first.vanish();
        WirePeer again = keep(server.welcomeWorker());
        again.send(task());
        again.send("{'type':'assign','lease':2,'task_id':'t','from':0,'to':2}");
        // Once this is answered, the lease was read.
        again.send("{'type':'revoke','lease':2,'from':2}");
        assertEquals(2, again.receive("released").get("from").intValue());
        letGo.countDown();
        assertEquals(answer(2, 0, "[0]"), again.receive("result").toString(), "done anew, as the old one is forgotten");
        assertEquals(answer(2, 1, "[1]"), again.receive("result").toString());
        assertEquals(1, most.get());
    }
}
