package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hello of a worker of protocol 2: what it says, what is refused, and what is left of it at the end. */
class WorkerHelloTest {
    private final TcpServer server = TcpServer.start();
    private final WirePeer sender = WirePeer.sender(server);

    @AfterEach
    void stop() {
        sender.vanish();
        server.close();
    }

    @Test
    void aWorkerIsWelcome() {
        try (WirePeer worker = WirePeer.connect(server)) {
            worker.send("{'protocol':2,'token':'ignored','slots':2,'credit':8,'name':'w','acks':false,"
                    + "'task_types':['*'],'from_the_future':{},'type':'worker'}");
            JsonNode welcome = worker.receive("welcome");
            assertEquals(2, welcome.get("protocol").intValue());
            assertEquals("divvy/test", welcome.get("server").textValue());
            assertEquals(5_000, welcome.get("heartbeat_ms").intValue());
            assertEquals(4_194_304, welcome.get("max_frame_bytes").intValue());
            assertFalse(welcome.get("session").textValue().isEmpty());
        }
    }

    @Test
    void declaredTypesOfAllWorkersAreBounded() {
        try (TcpServer tight =
                        TcpServer.start(NetLimits.DEFAULT, Limits.DEFAULT, ServerLimitsOf.declaredTypeBytes(100_000));
                WirePeer first = WirePeer.connect(tight);
                WirePeer second = WirePeer.connect(tight);
                WirePeer modest = WirePeer.connect(tight);
                WirePeer again = WirePeer.connect(tight)) {
            first.send(declaring("a", 100));
            first.receive("welcome");
            second.send(declaring("b", 100));
            assertTrue(second.receiveError("limit_exceeded").startsWith("task_types, derives: 100 names are too many"));
            second.receiveEnd();
            modest.send("{'type':'worker','protocol':2,'task_types':['*']}");
            modest.receive("welcome");
            second.vanish();
            first.vanish();
            tight.awaitConnections(2);
            again.send(declaring("b", 100));
            again.receive("welcome");
        }
    }

    private static String declaring(String prefix, int types) {
        return "{'type':'worker','protocol':2,'task_types':["
                + IntStream.range(0, types)
                        .mapToObj(i -> "'" + prefix + i + "'")
                        .collect(Collectors.joining(","))
                + "]}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'type':'worker','protocol':2}                                          | bad_message          | task_types: expected the names
            {'type':'worker','protocol':2,'task_types':[]}                          | bad_message          | task_types: expected the names
            {'type':'worker','protocol':2,'task_types':'*'}                         | bad_message          | task_types: expected an array of at most
            {'type':'worker','protocol':2,'task_types':['a b']}                     | bad_message          | task_types: expected an array of at most
            {'type':'worker','protocol':2,'task_types':['*'],'derives':['*']}       | bad_message          | derives: expected an array of at most
            {'type':'worker','protocol':2,'task_types':['*'],'slots':0}             | bad_message          | slots: expected a whole number from 1 to 10000, got 0
            {'type':'worker','protocol':2,'task_types':['*'],'slots':1.5}           | bad_message          | slots: expected a whole number from 1 to 10000, got 1.5
            {'type':'worker','protocol':2,'task_types':['*'],'credit':-1}           | bad_message          | credit: expected a whole number from 1 to 1000000
            {'type':'worker','protocol':2,'task_types':['*'],'name':''}             | bad_message          | name: expected a string of 1 to 200 characters
            {'type':'worker','protocol':2,'task_types':['*'],'acks':1}              | bad_message          | acks: expected true or false, got 1
            {'type':'worker','protocol':3,'task_types':['*']}                       | unsupported_protocol | protocol: this server speaks 2
            {'type':'worker','protocol':'2','task_types':['*']}                     | unsupported_protocol | protocol: this server speaks 2
            {'type':'worker','protocol':18446744073709551618,'task_types':['*']}    | unsupported_protocol | protocol: this server speaks 2
            {'type':'task_sender','protocol':1}                                     | unsupported_protocol | protocol: this server speaks 2
            {'type':'task_sender','protocol':2,'token':5}                           | bad_message          | token: expected a string
            {'type':'boss'}                                                         | bad_message          | type: the first message says "worker" or "task_sender", got "boss"
            {'type':7}                                                              | bad_message          | type: expected a string, got 7
            {}                                                                      | bad_message          | type: missing
            []                                                                      | bad_json             | expected a JSON object, got an array
            GET / HTTP                                                              | bad_json             | not JSON
            """)
    void aBadHelloIsToldWhatIsWrongAndSentAway(String hello, String code, String complaint) {
        try (WirePeer peer = WirePeer.connect(server)) {
            peer.send(hello);
            String message = peer.receiveError(code);
            assertTrue(message.startsWith(complaint), message);
            peer.receiveEnd();
        }
    }

    @Test
    void workersThatLeaveLeaveNothingBehind() {
        for (int i = 0; i < 20; i++) {
            WirePeer.worker(server, 1).close();
            WirePeer.plainWorker(server).close();
        }
        server.awaitConnections(1);
        assertEquals(0, server.load().workers());
    }
}
