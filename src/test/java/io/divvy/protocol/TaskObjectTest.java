package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.TaskObject.OnFailure;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskObjectTest {
    private static TaskObject read(String json) throws ProtocolException {
        return TaskObject.read(Wire.object(json));
    }

    @Test
    void fieldsThatAreLeftOutHaveTheirDefaults() throws ProtocolException {
        TaskObject task = read("{'type':'sum_of_squares'}");
        assertEquals(
                new TaskObject(
                        "sum_of_squares",
                        Wire.object("{}"),
                        null,
                        null,
                        null,
                        0,
                        3,
                        null,
                        null,
                        OnFailure.FAIL,
                        null,
                        null,
                        Map.of(),
                        false,
                        null),
                task);
        assertEquals(
                task,
                read("{'type':'sum_of_squares','params':null,'payloads':null,'combine':null,'subtasks':null,"
                        + "'priority':null,'max_attempts':null,'subtask_timeout_ms':null,'timeout_ms':null,"
                        + "'on_failure':null,'key':null,'name':null,'labels':null,'paused':null,'not_before':null}"));
    }

    @Test
    void everyFieldIsRead() throws ProtocolException {
        assertEquals(
                new TaskObject(
                        "t",
                        Wire.object("{'a':1}"),
                        null,
                        CombineMode.MERGE_COUNTS,
                        1_000_000_000_000_000L,
                        -1_000_000,
                        1_000,
                        1L,
                        31_622_400_000L,
                        OnFailure.CONTINUE,
                        "k",
                        "n",
                        Map.of("l", ""),
                        true,
                        Instant.parse("2026-11-24T07:00:00.5Z")),
                read(
                        "{'not_before':'2026-11-24T08:00:00.5+01:00','paused':true,'labels':{'l':''},'name':'n','key':'k','on_failure':'continue','timeout_ms':31622400000,"
                                + "'subtask_timeout_ms':1,'max_attempts':1000,'priority':-1000000,"
                                + "'subtasks':1000000000000000,'combine':'merge_counts','params':{'a':1},'type':'t'}"));
        assertEquals(
                "[1, null]",
                String.valueOf(read("{'type':'t','payloads':[1,null]}").payloads()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            'type':''                                   | task.type: expected a string of [A-Za-z0-9._-]{1,100}, got ""
            'type':5                                    | task.type: expected a string of [A-Za-z0-9._-]{1,100}, got 5
            'type':null                                 | task.type: missing; expected a string of [A-Za-z0-9._-]{1,100}
            'type':'t','params':5                       | task.params: expected an object, got 5
            'type':'t','payloads':{}                    | task.payloads: expected an array of payloads, one for each subtask, got an object
            'type':'t','payloads':0                     | task.payloads: expected an array of payloads, one for each subtask, got 0
            'type':'t','payloads':[1],'params':{}       | task.payloads: expected no params and no subtasks beside it
            'type':'t','payloads':[1],'subtasks':1      | task.payloads: expected no params and no subtasks beside it
            'type':'t','combine':'avg'                  | task.combine: expected one of "collect", "sum", "min", "max", "count", "concat", "merge_counts", "first", "any", "none", got "avg"
            'type':'t','combine':'SUM'                  | task.combine: expected one of
            'type':'t','subtasks':0                     | task.subtasks: expected a whole number from 1 to 1000000000000000, got 0
            'type':'t','subtasks':1000000000000001      | task.subtasks: expected a whole number from 1 to 1000000000000000
            'type':'t','subtasks':1e3                   | task.subtasks: expected a whole number from 1 to 1000000000000000
            'type':'t','subtasks':'10'                  | task.subtasks: expected a whole number from 1 to 1000000000000000, got "10"
            'type':'t','priority':1000001               | task.priority: expected a whole number from -1000000 to 1000000, got 1000001
            'type':'t','priority':1.5                   | task.priority: expected a whole number from -1000000 to 1000000, got 1.5
            'type':'t','max_attempts':0                 | task.max_attempts: expected a whole number from 1 to 1000, got 0
            'type':'t','max_attempts':1001              | task.max_attempts: expected a whole number from 1 to 1000, got 1001
            'type':'t','subtask_timeout_ms':0           | task.subtask_timeout_ms: expected a whole number from 1 to 31622400000, got 0
            'type':'t','timeout_ms':31622400001         | task.timeout_ms: expected a whole number from 1 to 31622400000, got 31622400001
            'type':'t','on_failure':'retry'             | task.on_failure: expected one of "fail", "continue", got "retry"
            'type':'t','key':''                         | task.key: expected a string of 1 to 200 characters, got ""
            'type':'t','key':7                          | task.key: expected a string of 1 to 200 characters, got 7
            'type':'t','name':''                        | task.name: expected a string of 1 to 200 characters, got ""
            'type':'t','labels':[]                      | task.labels: expected an object, got an array
            'type':'t','labels':{'a':1}                 | task.labels: expected an object of at most 32 strings of at most 200 characters
            'type':'t','labels':{'':'a'}                | task.labels: expected an object of at most 32 strings of at most 200 characters
            'type':'t','paused':'yes'                   | task.paused: expected true or false, got "yes"
            'type':'t','not_before':1795507200000       | task.not_before: expected a time of RFC 3339, for instance "2026-11-24T08:00:00Z", got 1795507200000
            'type':'t','not_before':'tomorrow'          | task.not_before: expected a time of RFC 3339, for instance "2026-11-24T08:00:00Z", got "tomorrow"
            'type':'t','not_before':'2026-11-24T08:00:00' | task.not_before: expected a time of RFC 3339
            'type':'t','not_before':'2026-02-31T08:00:00Z' | task.not_before: expected a time of RFC 3339
            'type':'t','max_atempts':5                  | task.max_atempts: unknown field; expected only type, params, payloads
            'type':'t','Type':'t'                       | task.Type: unknown field
            """)
    void aBadFieldIsNamedWithWhatIsExpected(String fields, String complaint) {
        ProtocolException refused = assertThrows(ProtocolException.class, () -> read("{" + fields + "}"));
        assertEquals(ErrorCode.INVALID_TASK, refused.code());
        assertTrue(String.valueOf(refused.getMessage()).startsWith(complaint), refused.getMessage());
    }

    @Test
    void textsMayBeAsLongAsIsSaidAndNoLonger() throws ProtocolException {
        String most = "é".repeat(ProtocolLimits.MAX_NAME_CHARS);
        assertEquals(most, read("{'type':'t','name':'" + most + "'}").name());
        assertThrows(ProtocolException.class, () -> read("{'type':'t','name':'x" + most + "'}"));
        assertThrows(ProtocolException.class, () -> read("{'type':'t','labels':{'x':'x" + most + "'}}"));
        assertThrows(ProtocolException.class, () -> read("{'type':'t','labels':{'x" + most + "':'x'}}"));
        StringBuilder labels = new StringBuilder("'l0':''");
        for (int i = 1; i < ProtocolLimits.MAX_LABELS; i++) {
            labels.append(",'l").append(i).append("':''");
        }
        assertEquals(
                ProtocolLimits.MAX_LABELS,
                read("{'type':'t','labels':{" + labels + "}}").labels().size());
        assertThrows(ProtocolException.class, () -> read("{'type':'t','labels':{" + labels + ",'more':''}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'t','params':{'a':1,'b':[2]},'key':'another'}",
                "{'type':'t','params':{'a':1,'b':[2]},'name':'n','labels':{'x':'y'}}",
                "{'params':{'b':[2],'a':1},'type':'t'}",
                "{'type':'t','params':{'a':1,'b':[2]},'priority':0,'max_attempts':3,'on_failure':'fail'}"
            })
    void theSameTaskHasTheSameFingerprint(String same) throws ProtocolException {
        assertEquals(fingerprint(read("{'type':'t','params':{'a':1,'b':[2]},'key':'k'}")), fingerprint(read(same)));
    }

    @Test
    void anotherTaskHasAnotherFingerprint() throws ProtocolException {
        List<String> tasks = List.of(
                "{'type':'t'}",
                "{'type':'u'}",
                "{'type':'t','params':{'a':1}}",
                "{'type':'t','params':{'a':'1'}}",
                "{'type':'t','params':{'a':null}}",
                "{'type':'t','payloads':[1]}",
                "{'type':'t','payloads':[1,2]}",
                "{'type':'t','payloads':[2,1]}",
                "{'type':'t','combine':'sum'}",
                "{'type':'t','subtasks':1}",
                "{'type':'t','priority':1}",
                "{'type':'t','max_attempts':1}",
                "{'type':'t','subtask_timeout_ms':1}",
                "{'type':'t','timeout_ms':1}",
                "{'type':'t','on_failure':'continue'}");
        for (String one : tasks) {
            for (String other : tasks) {
                if (!one.equals(other)) {
                    assertNotEquals(fingerprint(read(one)), fingerprint(read(other)), one + " and " + other);
                }
            }
        }
    }

    @Test
    void aKeyFromElsewhereChangesNothingElse() throws ProtocolException {
        TaskObject task = read("{'type':'t','params':{'a':1},'combine':'sum','subtasks':5,'priority':1,"
                + "'max_attempts':2,'subtask_timeout_ms':3,'timeout_ms':4,'on_failure':'continue','name':'n',"
                + "'labels':{'a':'b'}}");
        assertNull(task.key());
        assertEquals("k", task.withKey("k").key());
        assertEquals(fingerprint(task), fingerprint(task.withKey("k")));
        assertEquals("n", task.withKey("k").name());
        assertEquals(Map.of("a", "b"), task.withKey("k").labels());
    }

    /** Of a task whose type splits into ten parts where nothing else is said. */
    private static String fingerprint(TaskObject task) {
        return task.fingerprint(task.subtasks() == null ? 10 : task.subtasks());
    }
}
