package io.divvy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;

/** Of two classes one knows the other, or neither does. A top-level class is one with all that is nested in it. */
@AnalyzeClasses(packages = "io.divvy", importOptions = ImportOption.DoNotIncludeTests.class)
class ClassCyclesTest {
    private static final List<String> PACKAGES = List.of("server", "server.session", "worker");

    @ArchTest
    static void noClassesOfAPackageKnowEachOther(JavaClasses classes) {
        for (String name : PACKAGES) {
            SlicesRuleDefinition.slices()
                    .assignedFrom(topLevelClassesOf("io.divvy." + name))
                    .should()
                    .beFreeOfCycles()
                    .because("who reads one of them must not have to read them all; pass what is needed and no more,"
                            + " as an interface or a function")
                    .check(classes);
        }
    }

    private static SliceAssignment topLevelClassesOf(String name) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return type.getPackageName().equals(name)
                        ? SliceIdentifier.of(topLevel(type).getSimpleName())
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "the classes of " + name;
            }
        };
    }

    private static JavaClass topLevel(JavaClass type) {
        return type.getEnclosingClass().map(ClassCyclesTest::topLevel).orElse(type);
    }
}
