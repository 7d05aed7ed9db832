package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Runs the demo in a terminal and writes what is to be seen there, and when, into {@code src/docs/demo.svg}, the picture of
 * the README. {@code DemoIT} finds out when it has to be made anew. Runs in the repository's root.
 */
@EnabledIfSystemProperty(named = "demo.picture", matches = "write", disabledReason = "only to make the picture anew")
class DemoPictureIT {
    private static final Path PICTURE = Path.of("src/docs/demo.svg");
    private static final String COMMAND = "java -jar target/divvy.jar demo";
    /** What is there for less than that is a line that is being written. */
    private static final double SHORTEST_S = 0.06;

    private static final int LEFT = 18;
    private static final int TOP = 32;
    private static final int LINE_HEIGHT = 20;

    /** What the terminal shows from then on. */
    private record Frame(double fromS, List<String> rows) {}

    /** What one of its rows shows for some time. */
    private record Version(double fromS, String text) {}

    @Test
    @Timeout(120)
    void theDemoIsRecorded() throws Exception {
        assertTrue(TerminalSession.isPossible(), "script of util-linux was not found; it makes the terminal");
        String svg = svg(recorded());
        assertTrue(svg.contains("bob was killed"), svg);
        Files.writeString(PICTURE, svg);
    }

    private static List<Frame> recorded() throws IOException, InterruptedException {
        Process script = new ProcessBuilder("script", "-qfec", "stty cols 98 rows 40; exec " + COMMAND, "/dev/null")
                .redirectErrorStream(true)
                .start();
        long startNanos = System.nanoTime();
        List<Frame> frames = new ArrayList<>();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        byte[] bytes = new byte[1 << 12];
        try (InputStream in = script.getInputStream()) {
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                written.write(bytes, 0, n);
                double seconds = (System.nanoTime() - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
                frames.add(new Frame(seconds, TerminalPicture.of(written.toString(StandardCharsets.UTF_8))));
            }
        }
        assertEquals(0, script.waitFor());
        return frames;
    }

    private static String svg(List<Frame> frames) {
        int rows = frames.get(frames.size() - 1).rows().size();
        int height = TOP + (rows + 1) * LINE_HEIGHT;
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 %1$d" width="800" height="%1$d" role="img" aria-label="The output of divvy demo">
                <style>
                  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dce2; white-space: pre }
                  .prompt { fill: #8b949e }
                  .label { fill: #79b8ff }
                  .bad { fill: #ff8f85 }
                  .good { fill: #85e89d }
                  .line { animation: appear 0.15s backwards }
                  .passing { opacity: 0; animation: pass 1s }
                  @keyframes appear { from { opacity: 0 } }
                  @keyframes pass { from, to { opacity: 1 } }
                  @media (prefers-reduced-motion) { .line, .passing { animation: none } }
                </style>
                <rect width="800" height="%1$d" rx="8" fill="#0d1117"/>
                <text x="%2$d" y="%3$d" class="prompt">$ %4$s</text>
                """, height, LEFT, TOP, COMMAND));
        for (int row = 0; row < rows; row++) {
            List<Version> versions = versions(frames, row);
            int y = TOP + (row + 1) * LINE_HEIGHT;
            for (int i = 0; i < versions.size(); i++) {
                Version version = versions.get(i);
                boolean stays = i == versions.size() - 1;
                String timing = stays
                        ? String.format(Locale.ROOT, "animation-delay: %.2fs", version.fromS())
                        : String.format(
                                Locale.ROOT,
                                "animation-delay: %.2fs; animation-duration: %.2fs",
                                version.fromS(),
                                versions.get(i + 1).fromS() - version.fromS());
                svg.append(String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"%d\" class=\"%s\" style=\"%s\" xml:space=\"preserve\">%s</text>%n",
                        LEFT,
                        y,
                        stays ? "line" : "passing",
                        timing,
                        coloured(version.text())));
            }
        }
        return svg.append("</svg>\n").toString();
    }

    /** Of a row that is empty in the end, none. */
    private static List<Version> versions(List<Frame> frames, int row) {
        List<Version> versions = new ArrayList<>();
        for (Frame frame : frames) {
            String text = row < frame.rows().size() ? frame.rows().get(row) : "";
            int last = versions.size() - 1;
            if (text.isEmpty() || last >= 0 && versions.get(last).text().equals(text)) {
                continue;
            }
            if (last >= 0 && frame.fromS() - versions.get(last).fromS() < SHORTEST_S) {
                versions.set(last, new Version(versions.get(last).fromS(), text));
            } else {
                versions.add(new Version(frame.fromS(), text));
            }
        }
        return versions;
    }

    private static String coloured(String line) {
        int textAt = 9; // Behind the label, of which a line may have none.
        String label = line.substring(0, Math.min(textAt, line.length()));
        String text = line.substring(label.length());
        String colour = text.startsWith("bob was killed") ? "bad" : text.contains("the formula") ? "good" : null;
        String coloured = colour == null ? text : "<tspan class=\"" + colour + "\">" + text + "</tspan>";
        return label.isBlank() ? label + coloured : "<tspan class=\"label\">" + label + "</tspan>" + coloured;
    }
}
