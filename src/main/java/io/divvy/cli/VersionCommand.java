package io.divvy.cli;

import io.divvy.protocol.Hello;
import io.divvy.protocol.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code divvy version} */
@Command(
        name = "version",
        description = "Prints the version of this program, and of the Java that it runs on.",
        mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer> {
    @Mixin
    private final JsonOption output = new JsonOption();

    @Override
    public Integer call() {
        String java = System.getProperty("java.version");
        if (output.json) {
            System.out.println(Json.MAPPER
                    .createObjectNode()
                    .put("version", Main.version())
                    .put("protocol", Hello.PROTOCOL)
                    .put("java", java));
        } else {
            System.out.println("Divvy " + Main.version() + ", protocol " + Hello.PROTOCOL + ", Java " + java);
        }
        return ExitCode.DONE;
    }
}
