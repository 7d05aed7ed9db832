package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerMessagesTest {
    @Test
    void messagesFromWorkersReadBackAsTheyWereWritten() throws ProtocolException {
        for (FromWorker message : List.of(
                new FromWorker.SubtaskError(17, 1003, "no", false, "because"),
                new FromWorker.SubtaskError(0, 0, "", true, null),
                new FromWorker.Heartbeat(Map.of()),
                new FromWorker.Heartbeat(Map.of(17L, 1003L, 18L, 0L)),
                new FromWorker.Decline("some-task"),
                new FromWorker.Drain())) {
            assertEquals(message, Wire.<FromWorker>readBack(FromWorker::read, message));
        }
    }

    @Test
    void messagesToWorkersReadBackAsTheyWereWritten() throws ProtocolException {
        for (ToWorker message : List.of(
                Welcome.of("divvy/0.1.0", "12", 5_000),
                new ServerHeartbeat(),
                new ErrorMessage(null, ErrorCode.UNKNOWN_LEASE, "lease 4", null),
                new ToWorker.TaskDescription(
                        "t", "sum_of_squares", Wire.object("{'a':[1.50]}"), 1_000_000, 1_024, true, 30_000L),
                new ToWorker.TaskDescription("t", "x", Wire.object("{}"), 1, 1, false, null),
                new ToWorker.Assign(17, "t", 1_000, 1_064, null),
                new ToWorker.CancelLease(17),
                new ToWorker.Cancel("t"),
                new ToWorker.Forget("t"),
                new ToWorker.GoAway(true),
                new ToWorker.GoAway(false))) {
            assertEquals(message, Wire.<ToWorker>readBack(ToWorker::read, message));
        }
    }

    @Test
    void anAssignCarriesItsPayloads() throws ProtocolException {
        ToWorker.Assign assign =
                new ToWorker.Assign(3, "t", 5, 7, ToWorker.PayloadArray.of(Wire.json("[{'start':1},null]")));
        ToWorker.Assign read = assertInstanceOf(ToWorker.Assign.class, Wire.<ToWorker>readBack(ToWorker::read, assign));
        ToWorker.PayloadArray payloads = read.payloads();
        assertEquals(
                "[{\"start\":1}, null]",
                payloads == null ? "none" : payloads.toList().toString());
        Wire.assertRefused(
                ErrorCode.BAD_MESSAGE,
                "payloads: expected an array of 2 entries",
                ToWorker::read,
                "{'type':'assign','lease':3,'task_id':'t','from':5,'to':7,'payloads':[1]}");
    }

    private static FromWorker.Result result(String json) throws ProtocolException {
        return assertInstanceOf(FromWorker.Result.class, Wire.read(FromWorker::read, json));
    }

    @Test
    void smallWholeNumbersAreKeptAsSuch() throws ProtocolException {
        FromWorker.Result result =
                result("{'type':'result','lease':17,'from':1000,'results':[1,-2,9223372036854775807]}");
        assertEquals(17, result.lease());
        assertEquals(1_000, result.from());
        assertArrayEquals(
                new long[] {1, -2, Long.MAX_VALUE},
                assertInstanceOf(ResultValues.Longs.class, result.results()).values());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [1,2,3]
            ['a','b']
            [null]
            [null,1,null]
            [1,2,'a',3]
            [[],[[]],{},{'a':{'b':1.50}}]
            [9223372036854775808,1]
            [1,9223372036854775808]
            [1.0,2]
            [true,false]
            """)
    void resultsOfAnyKindReadBackAsTheyWereWrittenInAnyOrderOfFields(String results) throws ProtocolException {
        String expected = Wire.json(results).toString();
        for (String json : List.of(
                "{'type':'result','lease':1,'from':0,'results':" + results + "}",
                "{'type':'result','results':" + results + ",'future':{'x':[1]},'from':0,'lease':1}",
                "{'results':" + results + ",'from':0,'lease':1,'type':'result'}",
                "{'lease':1,'type':'result','results':" + results + ",'from':0}")) {
            FromWorker.Result result = result(json);
            FromWorker.Result again =
                    assertInstanceOf(FromWorker.Result.class, Wire.<FromWorker>readBack(FromWorker::read, result));
            for (FromWorker.Result read : List.of(result, again)) {
                assertEquals(1, read.lease());
                assertEquals(0, read.from());
                assertEquals(Wire.json(results).size(), read.results().size());
                StringBuilder values = new StringBuilder("[");
                for (int i = 0; i < read.results().size(); i++) {
                    values.append(i == 0 ? "" : ",").append(read.results().get(i));
                }
                assertEquals(expected, values.append("]").toString());
            }
            assertTrue(result.results().sizeBytes() >= 8L * result.results().size());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'type':'result','lease':1,'from':0,'results':5}            | results: expected an array, one result for each index
            {'type':'result','lease':1,'from':0,'results':[]}           | results: missing or empty
            {'type':'result','lease':1,'from':0}                        | results: missing or empty
            {'type':'result','lease':1,'results':[1]}                   | from: missing; a result says the index
            {'type':'result','from':0,'results':[1]}                    | lease: missing; a result names the lease that it answers, or the task_id
            {'type':'result','lease':'1','from':0,'results':[1]}        | lease: expected a whole number from 0 to 9007199254740991
            {'type':'result','lease':1.0,'from':0,'results':[1]}        | lease: expected a whole number from 0 to 9007199254740991
            {'type':'result','lease':null,'from':0,'results':[1]}       | lease: expected a whole number from 0 to 9007199254740991
            {'type':'result','lease':1,'from':-1,'results':[1]}         | from: expected a whole number from 0 to 9007199254740991
            {'type':'result','lease':1,'from':9007199254740992,'results':[1]} | from: expected a whole number from 0 to 9007199254740991
            {'type':'result','lease':1,'from':3,'to':3,'combined':1}    | to: expected the index behind the last combined one, more than from; got 3
            {'type':'result','lease':1,'from':3,'combined':1}           | to: expected the index behind the last combined one, more than from; got nothing
            {'type':'result','lease':1,'from':3,'to':4,'combined':1,'results':[1]} | results: missing or empty
            {'type':'result','task_id':'t','from':3,'to':4,'combined':1} | results: missing or empty
            {'type':'result','task_id':7,'from':3,'results':[1]}        | task_id: expected a string, got 7
            {'type':'released','lease':1}                               | from: missing; expected a whole number from 0
            {'type':'error','lease':1,'index':0}                        | message: missing; expected a string
            {'type':'error','lease':1,'message':'x'}                    | index: missing; expected a whole number from 0
            {'type':'error','index':1,'message':'x'}                    | lease: missing; expected a whole number from 0
            {'type':'error','lease':1,'index':0,'message':7}            | message: expected a string, got 7
            {'type':'error','lease':1,'index':0,'message':'x','retryable':0} | retryable: expected true or false, got 0
            {'type':'heartbeat','leases':7}                             | leases: expected an object, got 7
            {'type':'heartbeat','leases':{'x':1}}                       | leases: expected an object of lease numbers and next indexes
            {'type':'heartbeat','leases':{'-1':1}}                      | leases: expected an object of lease numbers and next indexes
            {'type':'heartbeat','leases':{'1':1.5}}                     | leases: expected an object of lease numbers and next indexes
            {'type':'decline'}                                          | task_id: missing; expected a string
            {'type':'drained'}                                          | type: expected result, error, heartbeat, released, decline or drain, got "drained"
            {'type':['result']}                                         | type: expected a string, got an array
            {}                                                          | type: missing
            """)
    void aBadMessageNamesTheFieldAndWhatWasExpected(String json, String complaint) {
        Wire.assertRefused(ErrorCode.BAD_MESSAGE, complaint, FromWorker::read, json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'type':'result','lease':1,'from':0,'results':[1]
            {'type':'result','lease':1,'from':0,'results':[1}
            {'type':'result','lease':1,'from':0,'results':[1]}}
            {'type':'result','lease':1,'from':0,'results':[1]} {}
            {'type':'result','lease':1,'lease':1,'from':0,'results':[1]}
            {'type':'result','lease':1,'from':0,'results':[{'a':1,'a':1}]}
            {'type':'result','lease':1,'from':0,'results':[tru]}
            ['type','result']
            """)
    void theQuickWayOfReadingResultsIsAsStrictAsTheOther(String json) {
        Wire.assertRefused(ErrorCode.BAD_JSON, "", FromWorker::read, json);
    }

    @Test
    void resultsMayNotBeTooDeepOrHaveTooManyDigits() {
        String head = "{'type':'result','lease':1,'from':0,'results':[";
        Wire.assertRefused(
                ErrorCode.BAD_JSON, "not JSON", FromWorker::read, head + "[".repeat(99) + "]".repeat(99) + "]}");
        Wire.assertRefused(ErrorCode.BAD_JSON, "not JSON", FromWorker::read, head + "[".repeat(500_000));
        Wire.assertRefused(
                ErrorCode.BAD_JSON,
                "not JSON: a number has 1001 digits; expected at most 1000",
                FromWorker::read,
                head + "9".repeat(1_001) + "]}");
    }

    @Test
    void messagesOfALaterVersionAreReadAsUnknownAndNeverWritten() throws ProtocolException {
        ToWorker message = Wire.read(ToWorker::read, "{'type':'promote','lease':1}");
        assertEquals(new ToWorker.Unknown("promote"), message);
        assertThrows(UnsupportedOperationException.class, () -> Frames.encode(message));
    }

    @Test
    void unknownFieldsAreIgnored() throws ProtocolException {
        assertEquals(
                new FromWorker.Drain(), Wire.read(FromWorker::read, "{'reason':{'x':[1]},'type':'drain','at':1.5}"));
        assertNull(assertInstanceOf(
                        FromWorker.SubtaskError.class,
                        Wire.read(
                                FromWorker::read,
                                "{'type':'error','lease':1,'index':2,'message':'m','detail':null,'x':1}"))
                .detail());
    }
}
