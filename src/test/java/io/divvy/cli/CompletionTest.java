package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What shells offer with the scripts of {@code divvy completion}: real shells are asked, where there are some. */
class CompletionTest {
    /** Asks bash as a terminal does: its words, of which the last is completed. No terminal is there for compopt. */
    private static final String ASK_BASH = """
            compopt() { :; }
            source "$1"
            shift
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            _complete_divvy
            printf '%s\\n' "${COMPREPLY[@]}"
            """;

    /** The same for zsh, which has this way to complete like bash: compgen calls the function, and zsh takes what fits. */
    private static final String ASK_ZSH = """
            autoload -U +X compinit && compinit -u -D
            source "$1"
            shift
            words=("$@")
            CURRENT=$#
            PREFIX="${words[CURRENT]}"
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            print -l -- ${(M)${(f)"$(compgen -F _complete_divvy -- "$PREFIX")"}:#"$PREFIX"*}
            """;

    /** fish says itself what it offers, with a description behind a tab. */
    private static final String ASK_FISH = """
            source $argv[1]
            complete -C (string join ' ' -- $argv[2..-1]) | string split -f1 \\t
            """;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void aCommandIsCompleted(String shell) throws Exception {
        assertEquals(Set.of("submit"), offered(shell, "divvy", "su"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void everyCommandIsOfferedButHiddenOnes(String shell) throws Exception {
        Set<String> offered = offered(shell, "divvy", "");
        assertTrue(
                offered.containsAll(Set.of("demo", "server", "worker", "submit", "completion", "help")),
                () -> "offered " + offered);
        assertFalse(offered.contains("bench-reference"), () -> "offered " + offered);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void optionsOfTheCommandAreCompleted(String shell) throws Exception {
        assertEquals(
                Set.of("--retain", "--retain-bytes", "--retain-tasks"), offered(shell, "divvy", "server", "--retain"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void hiddenOptionsAreNotOffered(String shell) throws Exception {
        assertEquals(Set.of(), offered(shell, "divvy", "worker", "--http"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void valuesOfAnOptionAreCompleted(String shell) throws Exception {
        assertEquals(Set.of("merge_counts"), offered(shell, "divvy", "submit", "--combine", "me"));
        assertEquals(Set.of("memory", "sqlite"), offered(shell, "divvy", "server", "--store", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void taskTypesThatShipAreCompleted(String shell) throws Exception {
        assertEquals(Set.of("sum_of_squares"), offered(shell, "divvy", "submit", "sum"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void filesAreCompleted(String shell) throws Exception {
        Path file = Files.createFile(folder.resolve("payloads.jsonl"));
        assertEquals(
                Set.of(file.toString()),
                offered(
                        shell,
                        "divvy",
                        "submit",
                        "--file",
                        folder.resolve("pay").toString()));
    }

    @Test
    void bashTakesTheScriptWithoutAWord() throws Exception {
        run(List.of("bash", "-n", script("bash").toString()));
    }

    @Test
    void thereIsNoScriptForOtherShells() {
        UsageException refused = assertThrows(UsageException.class, () -> CompletionCommand.script("tcsh"));
        assertEquals("SHELL: expected bash, zsh or fish, got \"tcsh\"", refused.getMessage());
    }

    private Set<String> offered(String shell, String... words) throws Exception {
        List<String> command = new ArrayList<>(
                switch (shell) {
                    case "bash" -> List.of("bash", "--norc", "-c", ASK_BASH, "bash");
                    case "zsh" -> List.of("zsh", "-f", "-c", ASK_ZSH, "zsh");
                    default -> List.of("fish", "--no-config", "-c", ASK_FISH);
                });
        command.add(script(shell).toString());
        command.addAll(List.of(words));
        Set<String> offered = new TreeSet<>(run(command));
        offered.removeIf(String::isBlank);
        return offered;
    }

    private Path script(String shell) throws UsageException, IOException {
        return Files.writeString(folder.resolve("completion"), CompletionCommand.script(shell));
    }

    /** Gives what it printed; it must not complain. */
    private static List<String> run(List<String> command) {
        String shell = command.get(0);
        assumeTrue(isThere(shell), () -> "no " + shell + " on the PATH: its completion is not tried");
        try (RunningProcess process = RunningProcess.of(command)) {
            process.awaitExit();
            assertEquals(List.of(), process.stderr(), process::toString);
            return process.stdout();
        }
    }

    private static boolean isThere(String shell) {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, shell))) {
                return true;
            }
        }
        return false;
    }
}
