package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.testing.WirePeer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The connection is lost, and the worker is to stop: it waits for no server. */
class StopWithoutServerTest extends LostConnection {
    @Test
    void aSubtaskThatRunsWhenTheServerStopsIsOfferedToTheNextOne() throws Exception {
        WirePeer first = start(1, firstTakesLong(false));
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':3}");
        await(begun);
        first.send("{'type':'goaway','reconnect':true}");
        first.receive("drain");
        first.vanish();
        WirePeer again = keep(server.welcomeWorker());
        letGo.countDown();
        assertEquals(offer(0, "[0]"), again.receive("result").toString());
    }

    @Test
    void aWorkerThatIsToStopAndHasNoServerStopsAtOnce() throws Exception {
        RunningWorker stopping = loseTheConnectionOf(1, firstTakesLong(false));
        stopping.worker().drain();
        stopping.awaitEnd();
        await(interrupted);
    }

    @Test
    void aWorkerThatLosesItsServerWhileItStopsWaitsForNothing() throws Exception {
        RunningWorker stopping = new RunningWorker(server, 1, new Letters((payload, context) -> {
            begun.countDown();
            awaitUninterrupted(letGo);
            return payload;
        }));
        open.add(stopping);
        WirePeer first = keep(server.welcomeWorker());
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        await(begun);
        CountDownLatch drained = new CountDownLatch(1);
        Thread drainer = new Thread(
                () -> {
                    stopping.worker().drain();
                    drained.countDown();
                },
                "drainer");
        drainer.setDaemon(true);
        drainer.start();
        first.receive("drain");
        first.vanish();
        await(drained);
        stopping.awaitEnd();
    }
}
