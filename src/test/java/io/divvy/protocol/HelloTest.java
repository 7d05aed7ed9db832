package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is refused is in {@code WorkerHelloTest}, over the wire. */
class HelloTest {
    @Test
    void eachHelloReadsBackWhatItWrites() throws ProtocolException {
        for (Hello hello : List.of(
                new Hello.PlainWorker(),
                new Hello.PlainSender(),
                new Hello.Sender(null),
                new Hello.Sender("secret"),
                new Hello.Worker("gpu-7", 4, 256, Set.of("a", "b"), Set.of("a"), true, "secret", 137, "b0a1"),
                new Hello.Worker(null, 1, 1, null, Set.of(), false, null, null, null))) {
            assertEquals(hello, Wire.<Hello>readBack(Hello::read, hello));
        }
    }

    @Test
    void aWorkerThatSaysLittleHasOneSlotAndAsMuchCreditAsSlots() throws ProtocolException {
        Hello.Worker one = assertInstanceOf(
                Hello.Worker.class, Wire.read(Hello::read, "{'task_types':['*'],'protocol':2,'type':'worker'}"));
        assertEquals(1, one.slots());
        assertEquals(1, one.credit());
        assertNull(one.taskTypes());
        Hello.Worker six = assertInstanceOf(
                Hello.Worker.class,
                Wire.read(Hello::read, "{'type':'worker','protocol':2,'slots':6,'task_types':['a','a'],'name':null}"));
        assertEquals(6, six.credit());
        assertEquals(Set.of("a"), six.taskTypes());
    }

    @Test
    void aFirstMessageWithoutAProtocolIsPlainWhateverElseItSays() throws ProtocolException {
        assertEquals(
                new Hello.PlainWorker(), Wire.read(Hello::read, "{'type':'worker','slots':'many','worker_id':[1]}"));
        assertEquals(new Hello.PlainSender(), Wire.read(Hello::read, "{'token':7,'type':'task_sender'}"));
    }
}
