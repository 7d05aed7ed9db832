package io.divvy.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads sizes in bytes: {@code 1000}, {@code 64KiB}, {@code 64MiB}, {@code 2GiB}. */
final class SizeOption implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(KiB|MiB|GiB)?");
    private static final int KIB_BITS = 10;
    private static final int MIB_BITS = 20;
    private static final int GIB_BITS = 30;

    @Override
    public Long convert(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException(
                    "expected a number of bytes, or one with KiB, MiB or GiB behind it, for instance 64MiB, got \""
                            + text + "\"");
        }
        long number = Long.parseLong(parts.group(1));
        String unit = parts.group(2);
        return unit == null
                ? number
                : number
                        << switch (unit) {
                            case "KiB" -> KIB_BITS;
                            case "MiB" -> MIB_BITS;
                            default -> GIB_BITS;
                        };
    }
}
