package io.divvy;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.divvy.task.Combiner;
import io.divvy.task.RangeFolder;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The table of packages in {@code src/docs/architecture.md}: who may use what, and what the core must never call. */
@AnalyzeClasses(packages = "io.divvy", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] NOTHING = {};
    private static final String JACKSON = "com.fasterxml.jackson..";
    private static final String SLF4J = "org.slf4j..";

    // One rule for each row of the table. A package may also use itself, the JDK, and jspecify's annotations.

    @ArchTest
    static final ArchRule task = mayUse("task", new String[] {"task.builtin"}, JACKSON);

    @ArchTest
    static final ArchRule builtinTasks = mayUse("task.builtin", new String[] {"task"}, JACKSON);

    @ArchTest
    static final ArchRule taskTestKit = mayUse("task.testkit", new String[] {"task"}, JACKSON);

    @ArchTest
    static final ArchRule guard = mayUse("guard", NOTHING);

    @ArchTest
    static final ArchRule heap = mayUse("heap", NOTHING);

    @ArchTest
    static final ArchRule state = mayUse("state", NOTHING);

    @ArchTest
    static final ArchRule scheduler = mayUse("scheduler", new String[] {"state", "heap"});

    @ArchTest
    static final ArchRule recording = mayUse("recording", new String[] {"scheduler", "state"}, JACKSON, SLF4J);

    @ArchTest
    static final ArchRule protocol = mayUse("protocol", new String[] {"heap"}, JACKSON);

    @ArchTest
    static final ArchRule net = mayUse("net", new String[] {"heap"}, SLF4J, "jdk.net");

    @ArchTest
    static final ArchRule store = mayUse("store", new String[] {"state", "heap"});

    @ArchTest
    static final ArchRule sqliteStore =
            mayUse("store.sqlite", new String[] {"store", "state", "heap"}, JACKSON, SLF4J, "org.sqlite");

    /** Not {@code server}, so that there is no circle: what sessions need of it, they name as interfaces. */
    @ArchTest
    static final ArchRule sessions = mayUse(
            "server.session", new String[] {"guard", "state", "scheduler", "protocol", "net", "store"}, JACKSON, SLF4J);

    @ArchTest
    static final ArchRule server = mayUse(
            "server",
            new String[] {
                "server.session", "task", "guard", "heap", "state", "scheduler", "recording", "protocol", "net", "store"
            },
            JACKSON,
            SLF4J);

    @ArchTest
    static final ArchRule rest = mayUse(
            "rest",
            new String[] {"server", "protocol", "heap"},
            "io.javalin..",
            "org.eclipse.jetty..",
            "jakarta.servlet..",
            "kotlin..",
            "jdk.net",
            JACKSON,
            SLF4J);

    @ArchTest
    static final ArchRule worker = mayUse("worker", new String[] {"protocol", "net", "task", "guard"}, JACKSON, SLF4J);

    @ArchTest
    static final ArchRule client = mayUse("client", new String[] {"protocol", "net"}, JACKSON, SLF4J);

    @ArchTest
    static final ArchRule bench = mayUse(
            "bench",
            new String[] {"protocol", "net", "task"},
            "io.javalin..",
            "kotlin..",
            "org.HdrHistogram",
            "com.sun.management",
            "com.sun.tools.attach",
            JACKSON);

    @ArchTest
    static final ArchRule nobodyUsesTheCommandLine = noClasses()
            .that()
            .resideOutsideOfPackage("io.divvy.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.divvy.cli..")
            .because("it is the outermost shell: whatever is worth using elsewhere belongs elsewhere");

    @ArchTest
    static final ArchRule everythingHasItsPlace = classes()
            .should()
            .resideInAnyPackage(Stream.of(
                            "task",
                            "task.testkit",
                            "task.builtin",
                            "guard",
                            "heap",
                            "state",
                            "scheduler",
                            "recording",
                            "protocol",
                            "net",
                            "store",
                            "store.sqlite",
                            "server",
                            "server.session",
                            "rest",
                            "worker",
                            "client",
                            "bench",
                            "cli")
                    .map(ArchitectureTest::divvy)
                    .toArray(String[]::new))
            .because("the table in architecture.md names every package; a new one needs a row there and a rule here");

    @ArchTest
    static final ArchRule oneNameIsOneThing = classes()
            .that()
            .areTopLevelClasses()
            .and()
            .doNotHaveSimpleName("package-info")
            .should(new ArchCondition<>("have a name of their own") {
                private final Map<String, JavaClass> byName = new HashMap<>();

                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    JavaClass other = byName.putIfAbsent(type.getSimpleName(), type);
                    if (other != null && !other.equals(type)) {
                        events.add(SimpleConditionEvent.violated(type, type + " is called as " + other + " is"));
                    }
                }
            });

    /** {@code task} knows the types that ship, which implement its interfaces: one slice. */
    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.divvy.(*)..").should().beFreeOfCycles();

    // What only one package may do. The benchmarks also have the bare servers that others are compared with.

    /** Files are no sockets: a store locks and syncs its own. */
    @ArchTest
    static final ArchRule onlyTheLoopUsesChannels = noClasses()
            .that(not(resideInAnyPackage(divvy("net"), divvy("rest"), divvy("store.sqlite"), divvy("bench"))))
            .should()
            .dependOnClassesThat(resideInAnyPackage("java.nio.channels.."))
            .because(
                    "only net may, rest where it looks after the web server's, the benchmarks, and a store for the lock of its file");

    @ArchTest
    static final ArchRule storesUseNoSockets = noClasses()
            .that()
            .resideInAPackage(divvy("store.sqlite"))
            .should()
            .dependOnClassesThat()
            .areAssignableTo(java.nio.channels.NetworkChannel.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.nio.channels.Selector.class);

    @ArchTest
    static final ArchRule onlyTheFrontDoorUsesTheWebServer =
            onlyIn(List.of("rest", "bench"), "io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..");

    @ArchTest
    static final ArchRule onlyTheCommandLineUsesItsLibraries = onlyIn(List.of("cli"), "picocli..");

    @ArchTest
    static final ArchRule onlyTheStoreUsesDatabases =
            onlyIn(List.of("store.sqlite"), "java.sql..", "javax.sql..", "org.sqlite..");

    @ArchTest
    static final ArchRule onlyTheCommandLineExitsAndReadsTheEnvironment = noClasses()
            .that()
            .resideOutsideOfPackage("io.divvy.cli..")
            .should()
            .callMethodWhere(calls(System.class, "exit", "getenv"))
            .orShould()
            .callMethodWhere(calls(Runtime.class, "exit", "halt"))
            .because("a library neither ends its process nor depends on how it was started");

    /**
     * What runs the code of task types: behind the guard, and on the server in a lane. Whoever else needs something of a type
     * asks one of these. The types themselves and the benchmarks, which run those that ship, may call each other.
     */
    @ArchTest
    static final ArchRule onlyTheGuardedCallTheCodeOfTypes = noClasses()
            .that(not(resideInAnyPackage("io.divvy.task..", divvy("bench")))
                    .and(not(belongToAnyOf(
                            "io.divvy.server.TaskParts",
                            "io.divvy.server.TypeLanes",
                            "io.divvy.server.Folding",
                            "io.divvy.server.ForeignCombiner",
                            "io.divvy.server.ForeignSubtasks",
                            "io.divvy.server.PayloadText",
                            "io.divvy.server.PayloadsAhead",
                            "io.divvy.worker.WorkerTask",
                            "io.divvy.worker.BatchRun"))))
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "is of a task type",
                    call -> Stream.of(TaskType.class, Subtasks.class, Combiner.class, RangeFolder.class)
                            .anyMatch(type -> call.getTargetOwner().isAssignableTo(type))));

    private static DescribedPredicate<JavaClass> belongToAnyOf(String... names) {
        return DescribedPredicate.describe(
                "are one of " + List.of(names),
                type -> Stream.of(names)
                        .anyMatch(name ->
                                type.getName().equals(name) || type.getName().startsWith(name + "$")));
    }

    /** With the default of a machine in Egypt or Turkey, numbers have other digits and {@code I} another small letter. */
    @ArchTest
    static final ArchRule nothingDependsOnTheLocaleOfTheMachine = noClasses()
            .should()
            .accessTargetWhere(dependsOnTheDefaultLocale())
            .because("what is written for machines, and compared, is the same on all of them; pass Locale.ROOT");

    // What the core must never do: the same events at the same times give the same effects.

    @ArchTest
    static final ArchRule theCoreUsesPlainValuesOnly = noClasses()
            .that()
            .resideInAnyPackage("io.divvy.scheduler..", "io.divvy.state")
            .should()
            .dependOnClassesThat(not(resideInAnyPackage(
                    "io.divvy.scheduler..",
                    "io.divvy.state",
                    "io.divvy.heap", // what its bounds in bytes are a share of
                    "java.lang",
                    "java.lang.invoke", // string concatenation and lambdas
                    "java.lang.runtime", // records
                    "java.lang.annotation",
                    "java.util",
                    "java.util.function",
                    "java.util.stream",
                    "org.jspecify.annotations")))
            .because("it does no I/O, starts no thread, holds no lock, logs nothing, and is told the time");

    @ArchTest
    static final ArchRule theCoreHasNoClockNoThreadAndNoLuckOfItsOwn = noClasses()
            .that()
            .resideInAnyPackage("io.divvy.scheduler..", "io.divvy.state")
            .should()
            .callMethodWhere(calls(
                    System.class, "currentTimeMillis", "nanoTime", "getProperty", "lineSeparator", "identityHashCode"))
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethodWhere(calls(Math.class, "random"))
            .orShould()
            .callConstructor(Random.class)
            .orShould()
            .callConstructor(SplittableRandom.class)
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, ThreadLocal.class, Runtime.class, Process.class, java.util.Date.class)
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(java.util.Timer.class, java.util.TimerTask.class, java.util.Calendar.class)
            .orShould()
            .callMethodWhere(calls(java.util.UUID.class, "randomUUID"))
            .orShould()
            .callMethodWhere(calls(java.util.Collections.class, "shuffle"))
            .because("time and randomness arrive as arguments: a run can be repeated");

    private static ArchRule mayUse(String name, String[] ofOurs, String... libraries) {
        String[] allowed = Stream.of(
                        Stream.of(divvy(name), "java..", "javax..", "org.jspecify.annotations"),
                        Arrays.stream(ofOurs).map(ArchitectureTest::divvy),
                        Arrays.stream(libraries))
                .flatMap(packages -> packages)
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(divvy(name))
                .should()
                .dependOnClassesThat(not(resideInAnyPackage(allowed)).and(not(primitive())))
                .because("architecture.md says what " + name + " may use");
    }

    private static DescribedPredicate<JavaClass> primitive() {
        return DescribedPredicate.describe(
                "primitive", type -> type.getBaseComponentType().isPrimitive());
    }

    private static ArchRule onlyIn(List<String> names, String... libraries) {
        return noClasses()
                .that(not(resideInAnyPackage(
                        names.stream().map(ArchitectureTest::divvy).toArray(String[]::new))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(libraries))
                .because("only " + String.join(" and ", names) + " may");
    }

    private static DescribedPredicate<JavaCall<?>> calls(Class<?> owner, String... methods) {
        return DescribedPredicate.describe(
                "calls " + owner.getSimpleName() + "." + String.join(", ", methods),
                call -> call.getTargetOwner().isEquivalentTo(owner)
                        && Arrays.asList(methods).contains(call.getTarget().getName()));
    }

    private static DescribedPredicate<JavaAccess<?>> dependsOnTheDefaultLocale() {
        return DescribedPredicate.describe(
                "depends on the default locale",
                access -> access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget called
                        && isSensitiveToLocales(called)
                        && called.getRawParameterTypes().stream().noneMatch(type -> type.isEquivalentTo(Locale.class)));
    }

    /** Whether it has a sibling that is told the locale. */
    private static boolean isSensitiveToLocales(AccessTarget.CodeUnitAccessTarget called) {
        JavaClass owner = called.getOwner();
        String name = called.getName();
        if (owner.isEquivalentTo(String.class)) {
            return List.of("format", "formatted", "toLowerCase", "toUpperCase").contains(name);
        }
        if (owner.isAssignableTo(java.io.PrintStream.class)
                || owner.isAssignableTo(java.io.PrintWriter.class)
                || owner.isEquivalentTo(java.io.Console.class)) {
            return List.of("format", "printf").contains(name);
        }
        boolean isMade = name.equals("<init>") || name.startsWith("get") || name.startsWith("of");
        return isMade
                        && (owner.isAssignableTo(java.text.Format.class)
                                || owner.isEquivalentTo(java.util.Formatter.class)
                                || owner.isEquivalentTo(java.util.Scanner.class)
                                || owner.isEquivalentTo(java.text.Collator.class)
                                || owner.isEquivalentTo(java.text.BreakIterator.class)
                                || owner.isEquivalentTo(java.text.DecimalFormatSymbols.class))
                || owner.isEquivalentTo(java.time.format.DateTimeFormatter.class)
                        && (name.equals("ofPattern") || name.startsWith("ofLocalized"))
                || owner.isEquivalentTo(Locale.class) && name.equals("getDefault");
    }

    private static String divvy(String name) {
        return "io.divvy." + name;
    }
}
