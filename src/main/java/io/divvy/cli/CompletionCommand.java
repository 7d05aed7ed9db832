package io.divvy.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code divvy completion} */
@Command(
        name = "completion",
        description = "Prints a script with which a shell completes commands, options and values of divvy.",
        footer = {
            "",
            "bash, in ~/.bashrc:  source <(divvy completion bash)",
            "zsh, in ~/.zshrc:    source <(divvy completion zsh)",
            "fish, once:          divvy completion fish > ~/.config/fish/completions/divvy.fish",
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "SHELL",
            completionCandidates = CompletionCandidates.Shells.class,
            description = "One of: ${COMPLETION-CANDIDATES}.")
    private String shell = "";

    @Override
    public Integer call() throws UsageException {
        System.out.print(script(shell));
        return ExitCode.DONE;
    }

    static String script(String shell) throws UsageException {
        // One that knows nothing of this environment, which would be written into the script as default values.
        CommandLine divvy = Main.commandLine();
        return switch (shell) {
            // It is written for both, and enables what zsh has for completions of bash.
            case "bash", "zsh" -> AutoComplete.bash(divvy.getCommandName(), divvy);
            case "fish" -> FishCompletion.of(divvy);
            default -> throw new UsageException("SHELL: expected bash, zsh or fish, got " + shell);
        };
    }
}
