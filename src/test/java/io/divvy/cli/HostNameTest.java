package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By what names a server that other machines can reach is known. */
class HostNameTest {
    @ParameterizedTest
    @CsvSource({
        "lab3, lab3.example.org, lab3 lab3.example.org",
        "lab3.example.org, lab3.example.org, lab3 lab3.example.org",
        "lab3, lab3, lab3",
        "lab3, 10.0.0.7, lab3",
        "lab3, fe80::1%2, lab3",
        "localhost, localhost.localdomain, ''",
    })
    void aNameIsKnownWithAndWithoutItsDomain(String set, String ofAddress, String known) {
        assertEquals(known, String.join(" ", HostName.namesOf(set, ofAddress)));
    }

    @Test
    void aServerThatKnowsNoNameSaysSo() {
        assertEquals(
                "divvy: HTTP clients reach this server by its addresses and by no name; --allow-host gives it one",
                HostName.said(List.of()));
        assertEquals(
                "divvy: HTTP clients reach this server by its addresses and as lab3, lab3.example; --allow-host gives it"
                        + " other names",
                HostName.said(List.of("lab3", "lab3.example")));
    }
}
