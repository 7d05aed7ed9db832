package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** What {@code --server} takes. */
class ServerAddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:5001, 127.0.0.1:5001",
        "render-7, render-7:5000",
        "render-7.lab.example, render-7.lab.example:5000",
        "[::1]:5001, [::1]:5001",
        "[::1], [::1]:5000",
        "::1, [::1]:5000",
        "fe80::1%eth0, [fe80::1%eth0]:5000",
        "tcp://render-7:5001, render-7:5001",
        "http://render-7:8080, http://render-7:8080",
        "http://render-7:8080/, http://render-7:8080",
        "https://divvy.example/lab/, https://divvy.example/lab",
        "http://[::1]:8080, http://[::1]:8080"
    })
    void anAddressIsAHostAHostWithAPortOrTheUrlOfTheHttpApi(String text, String expected) {
        assertEquals(expected, ServerAddress.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":5000",
                "host:",
                "host:0",
                "host:65536",
                "host:port",
                "a b",
                "host/path",
                "http://",
                "http://host:0",
                "http://host:65536",
                "http://host:99999999999",
                "http://host?a=b",
                "http://user@host",
                "ftp://host",
                "[::1",
                "host:5000:1"
            })
    void anythingElseIsRefusedWithAnExample(String text) {
        TypeConversionException refusal =
                assertThrows(TypeConversionException.class, () -> ServerAddress.parse(text), text);
        assertTrue(
                refusal.getMessage().contains("for instance 127.0.0.1:5000, got \"" + text + "\""),
                refusal::getMessage);
    }
}
