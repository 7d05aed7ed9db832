package io.divvy.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What an option of the form {@code NAME=VALUE} says. */
record NameAndValue(String name, String value) {
    /** @throws UsageException if one name is there twice: which of its values is meant, nobody knows */
    static Map<String, String> map(String option, List<NameAndValue> all) throws UsageException {
        Map<String, String> map = new LinkedHashMap<>();
        for (NameAndValue one : all) {
            String other = map.put(one.name, one.value);
            if (other != null) {
                throw new UsageException(option + ": expected each name once, got " + one.name + "=" + other + " and "
                        + one.name + "=" + one.value);
            }
        }
        return map;
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<NameAndValue> {
        @Override
        public NameAndValue convert(String text) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new TypeConversionException("expected NAME=VALUE, got \"" + text + "\"");
            }
            return new NameAndValue(text.substring(0, equals), text.substring(equals + 1));
        }
    }
}
