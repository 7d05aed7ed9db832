package io.divvy.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the id of a task, the end of it, or the alias that a plain sender gave it. */
final class TaskIdParameter implements ITypeConverter<String> {
    static final String DESCRIPTION = "The task's id, or the last 8 characters of it.";

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    @Override
    public String convert(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new TypeConversionException(
                    "expected the id of a task, as \"divvy submit\" and \"divvy tasks\" print it, got \"" + text
                            + "\"");
        }
        return text;
    }
}
