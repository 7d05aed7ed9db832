package io.divvy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A document of this repository, read from its root. */
public record MarkdownPage(Path file) {
    public static MarkdownPage of(String file) {
        return new MarkdownPage(Path.of(file));
    }

    public String text() {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From a heading to the next one that is as high, or higher. */
    public String section(String heading) {
        String text = text();
        Matcher start = Pattern.compile("^(#+) " + Pattern.quote(heading) + "$", Pattern.MULTILINE)
                .matcher(text);
        if (!start.find()) {
            throw new AssertionError(file + " has no section \"" + heading + "\"");
        }
        Matcher end = Pattern.compile("^#{1," + start.group(1).length() + "} ", Pattern.MULTILINE)
                .matcher(text);
        return text.substring(start.end(), end.find(start.end()) ? end.start() : text.length());
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
