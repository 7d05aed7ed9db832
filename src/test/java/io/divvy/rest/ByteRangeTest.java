package io.divvy.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a {@code Range} header asks for, of 10 bytes. */
class ByteRangeTest {
    private static final int BYTES = 10;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bytes=0-0                       | bytes 0-0/10",
                "bytes=0-                        | bytes 0-9/10",
                "bytes=3-5                       | bytes 3-5/10",
                "BYTES=3-5                       | bytes 3-5/10",
                "bytes=9-9                       | bytes 9-9/10",
                "bytes=9-100                     | bytes 9-9/10",
                "bytes=0-99999999999999999999999 | bytes 0-9/10",
                "bytes=-3                        | bytes 7-9/10",
                "bytes=-10                       | bytes 0-9/10",
                "bytes=-99999999999999999999999  | bytes 0-9/10",
                "bytes=0000000000000000000004-05 | bytes 4-5/10",
                "bytes=10-                       | nothing",
                "bytes=10-20                     | nothing",
                "bytes=99999999999999999999999-  | nothing",
                "bytes=-0                        | nothing",
                "bytes=5-4                       | whole",
                "bytes=-                         | whole",
                "bytes=                          | whole",
                "bytes=a-b                       | whole",
                "bytes=1-2,4-5                   | whole",
                "bytes 1-2                       | whole",
                "lines=1-2                       | whole",
                "1-2                             | whole",
            })
    void aRangeIsAPartNothingOrNone(String header, String expected) {
        ByteRange range = ByteRange.asked(header, BYTES);
        assertEquals(expected, range == null ? "whole" : range.isEmpty() ? "nothing" : range.of(BYTES));
    }

    @ParameterizedTest
    @CsvSource({"bytes=0-", "bytes=-1"})
    void ofNothingThereIsOnlyTheWhole(String header) {
        assertEquals(null, ByteRange.asked(header, 0));
    }
}
