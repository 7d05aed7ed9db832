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
            "To switch it on, write into ~/.bashrc",
            "  " + CompletionCommand.BASH,
            "or into ~/.zshrc",
            "  " + CompletionCommand.ZSH,
            "or type once",
            "  " + CompletionCommand.FISH,
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    static final String BASH = "source <(divvy completion bash)";
    static final String ZSH = "source <(divvy completion zsh)";
    static final String FISH = "divvy completion fish > ~/.config/fish/completions/divvy.fish";

    @Parameters(
            paramLabel = "SHELL",
            completionCandidates = CompletionCandidates.Shells.class,
            description = "One of: ${COMPLETION-CANDIDATES}.")
    private String shell = "";

    @Override
    public Integer call() throws UsageException {
        System.out.print(script(shell));
        if (Terminal.isAnyTerminal(Terminal.STDOUT)) {
            System.err.println("divvy: a script for a shell; "
                    + switch (shell) {
                        case "fish" -> "to switch completion on, type once: " + FISH;
                        case "zsh" -> "to switch completion on, write into ~/.zshrc: " + ZSH;
                        default -> "to switch completion on, write into ~/.bashrc: " + BASH;
                    });
        }
        return ExitCode.DONE;
    }

    static String script(String shell) throws UsageException {
        // One that knows nothing of this environment, which would be written into the script as default values.
        CommandLine divvy = Main.commandLine();
        return switch (shell) {
            // It is written for both, and enables what zsh has for completions of bash.
            case "bash", "zsh" -> AutoComplete.bash(divvy.getCommandName(), divvy);
            case "fish" -> FishCompletion.of(divvy);
            default -> throw new UsageException("SHELL: expected bash, zsh or fish, got \"" + shell + "\"");
        };
    }
}
