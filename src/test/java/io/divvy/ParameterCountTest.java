package io.divvy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Nobody can read a call of more than five arguments. A record may have more components if they are given by name: then its
 * canonical constructor is called by the record alone, with what is nested in it, such as a builder or a draft.
 */
@AnalyzeClasses(packages = "io.divvy", importOptions = ImportOption.DoNotIncludeTests.class)
class ParameterCountTest {
    private static final int MOST_PARAMETERS = 5;

    /** Declared by a library. */
    private static final Set<String> NOT_OURS = Set.of("rest.JettyProblems.generateResponse");

    @ArchTest
    static void noMoreThanFiveParametersByPosition(JavaClasses classes) {
        Set<String> found = classes.stream()
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(unit -> parameters(unit) > MOST_PARAMETERS && !isGivenByName(unit))
                .map(ParameterCountTest::name)
                .filter(name -> !NOT_OURS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(
                Set.of(),
                found,
                "these take more than " + MOST_PARAMETERS
                        + "; group what belongs together, or let it be given by name");
    }

    /** As they are written: without what the compiler adds. */
    private static int parameters(JavaCodeUnit unit) {
        JavaClass owner = unit.getOwner();
        if (unit.getModifiers().contains(JavaModifier.SYNTHETIC) || owner.isAnonymousClass()) {
            return 0;
        }
        int all = unit.getRawParameterTypes().size();
        if (!(unit instanceof JavaConstructor)) {
            return all;
        }
        return all - (owner.isEnum() ? 2 : owner.isInnerClass() ? 1 : 0);
    }

    private static boolean isGivenByName(JavaCodeUnit unit) {
        return unit instanceof JavaConstructor constructor
                && isCanonical(constructor)
                && Stream.concat(constructor.getCallsOfSelf().stream(), constructor.getReferencesToSelf().stream())
                        .map(JavaAccess::getOriginOwner)
                        .allMatch(caller -> isWithin(caller, constructor.getOwner()));
    }

    private static boolean isCanonical(JavaConstructor constructor) {
        RecordComponent[] components = constructor.getOwner().reflect().getRecordComponents();
        return components != null
                && constructor.getRawParameterTypes().stream()
                        .map(JavaClass::getName)
                        .toList()
                        .equals(Arrays.stream(components)
                                .map(component -> component.getType().getName())
                                .toList());
    }

    private static boolean isWithin(JavaClass type, JavaClass outer) {
        return type.equals(outer)
                || type.getEnclosingClass()
                        .map(enclosing -> isWithin(enclosing, outer))
                        .orElse(false);
    }

    /** Such as {@code server.Gateway.delete}; of a constructor that of its class, {@code server.Gateway}. */
    private static String name(JavaCodeUnit unit) {
        String owner = unit.getOwner().getName().substring("io.divvy.".length()).replace('$', '.');
        return unit instanceof JavaConstructor ? owner : owner + "." + unit.getName();
    }
}
