package io.divvy.attack;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.divvy.testing.RunningProcess;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The attackers and the sink, each in a process of its own, so that what they do to themselves is nobody else's. */
final class Processes {
    private Processes() {}

    static RunningProcess attack(Attack attack, Target target, List<String> prepared) {
        List<String> arguments = new ArrayList<>(
                List.of(attack.name(), Integer.toString(target.tcpPort()), Integer.toString(target.httpPort())));
        arguments.addAll(prepared);
        RunningProcess attacker = java(Attacker.class, arguments);
        attacker.awaitLine("attacking");
        return attacker;
    }

    static RunningProcess sink() {
        return java(Sink.class, List.of());
    }

    static Target targetOf(RunningProcess sink) {
        Matcher ports = sink.awaitLine("sink on (\\d+) and (\\d+)");
        return new Target(Integer.parseInt(ports.group(1)), Integer.parseInt(ports.group(2)));
    }

    /** Where classes come from is asked of themselves: test runners hide it from {@code java.class.path}. */
    private static RunningProcess java(Class<?> main, List<String> arguments) {
        String classPath = Stream.of(main, ObjectMapper.class, JsonFactory.class, JsonProperty.class)
                .map(Processes::origin)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                classPath,
                main.getName()));
        command.addAll(arguments);
        return RunningProcess.of(command);
    }

    private static String origin(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(type + " comes from no path", e);
        }
    }
}
