package io.divvy.cli;

import picocli.CommandLine.Option;

/** The option of all commands that print something which a program may want to read. */
final class JsonOption {
    @Option(names = "--json", description = "Print JSON, as the HTTP API has it.")
    boolean json;
}
