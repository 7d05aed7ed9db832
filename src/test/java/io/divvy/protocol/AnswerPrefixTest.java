package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerPrefixTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "{'type':'result','lease':17,'from':1000,'results':[1,{'a':[2]},NaN] | true | 17 | 1002",
                "{'type':'result','lease':17,'from':1000,'results':['xxx             | true | 17 | 1000",
                "{'type':'result','lease':17,'from':1000,'results':{}}               | true | 17 | 1000",
                "{'type':'result','lease':17,'from':1000,'results':[1,2],'to':'x'}   | true | 17 | 1000",
                "{'type':'result','lease':'x','from':1000}                           | true | -  | 1000",
                "{'lease':17,'type':'result','from                                   | true | 17 | -",
                "{'type':'error','lease':17,'index':1003,'message':                  | true | 17 | 1003",
                "{'type':'result','lease':99999999999999999999,'from':1.5}           | true | -  | -",
                "{'type':'heartbeat','leases':[]}                                    | false | -  | -",
                "[1                                                                  | true | -  | -",
                "nonsense                                                            | true | -  | -"
            })
    void showsWhatAnAnswerWasFor(String text, boolean mayBeAnswer, Long lease, Long index) {
        byte[] bytes = text.strip().replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        assertEquals(new AnswerPrefix(mayBeAnswer, lease, index), AnswerPrefix.read(bytes, 0, bytes.length));
    }

    @Test
    void bytesThatAreNotUtf8AreFoundInTheirResultAmongManyNames() {
        String entry = "{\"name\":\"" + "x".repeat(200) + "\"},";
        String before = "{\"type\":\"result\",\"lease\":9,\"from\":1000,\"results\":[" + entry.repeat(500);
        byte[] bytes = (before + entry.repeat(500) + "1]}").getBytes(StandardCharsets.UTF_8);
        bytes[before.length() + entry.length() / 2] = (byte) 0xff;
        assertEquals(new AnswerPrefix(true, 9L, 1_500L), AnswerPrefix.read(bytes, 0, bytes.length));
    }
}
