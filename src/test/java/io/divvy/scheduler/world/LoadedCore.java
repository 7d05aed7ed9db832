package io.divvy.scheduler.world;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.ClassDefinition;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import net.bytebuddy.agent.ByteBuddyAgent;
import org.jspecify.annotations.Nullable;

/**
 * Server, worker and their world in a class loader of their own, so that they know only each other; all else comes from the
 * usual loader.
 *
 * <p>A fault is put into classes that run already, which costs a hundredth of what it costs to load all of them again and to
 * have them compiled by the JVM. The JVM can replace the bodies of methods only: with a fault that adds or removes a method
 * (a lambda is one), all classes are loaded again.
 */
final class LoadedCore {
    /** Both cores, and what makes values of them has to know the same classes. */
    private static final List<String> DEFINED_ANEW =
            List.of("io.divvy.scheduler.", "io.divvy.server.", "io.divvy.worker.", "io.divvy.testing.");

    private static final Instrumentation JVM = ByteBuddyAgent.install();
    private static LoadedCore warm = new LoadedCore(Map.of());

    private final Loader loader;
    private final LongFunction<@Nullable String> probe;

    @SuppressWarnings("unchecked")
    private LoadedCore(Map<String, byte[]> mutated) {
        loader = new Loader(mutated);
        try {
            probe = (LongFunction<@Nullable String>) loader.loadClass(WorldProbe.class.getName())
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no world around the core", e);
        }
    }

    /** What is done with a probe, which runs a seed in a world around a core and says how it failed, or null. */
    interface Trial {
        void run(LongFunction<@Nullable String> probe);
    }

    /** @param mutated classes that have the fault, by name */
    static void tryWith(Map<String, byte[]> mutated, Trial trial)
            throws ClassNotFoundException, UnmodifiableClassException, IOException {
        try {
            warm.redefine(mutated);
        } catch (UnsupportedOperationException e) {
            trial.run(new LoadedCore(mutated).probe);
            return;
        }
        try {
            trial.run(warm.probe);
        } finally {
            warm = warm.restored(mutated);
        }
    }

    private void redefine(Map<String, byte[]> classes) throws ClassNotFoundException, UnmodifiableClassException {
        ClassDefinition[] definitions = new ClassDefinition[classes.size()];
        int count = 0;
        for (Map.Entry<String, byte[]> each : classes.entrySet()) {
            definitions[count++] = new ClassDefinition(loader.loadClass(each.getKey()), each.getValue());
        }
        JVM.redefineClasses(definitions);
    }

    /** This without the fault, or another where the JVM takes it for a change that it cannot make to put it back. */
    private LoadedCore restored(Map<String, byte[]> mutated)
            throws ClassNotFoundException, UnmodifiableClassException, IOException {
        Map<String, byte[]> usual = new HashMap<>();
        for (String name : mutated.keySet()) {
            usual.put(name, loader.usual(name));
        }
        try {
            redefine(usual);
            return this;
        } catch (UnsupportedOperationException e) {
            return new LoadedCore(Map.of());
        }
    }

    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> mutated;

        Loader(Map<String, byte[]> mutated) {
            super(LoadedCore.class.getClassLoader());
            this.mutated = mutated;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (DEFINED_ANEW.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            byte[] bytes = mutated.get(name);
            if (bytes == null) {
                try {
                    bytes = usual(name);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
            return defineClass(name, bytes, 0, bytes.length);
        }

        /** The class without a fault. */
        byte[] usual(String name) throws ClassNotFoundException, IOException {
            try (InputStream bytes = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (bytes == null) {
                    throw new ClassNotFoundException(name);
                }
                return bytes.readAllBytes();
            }
        }
    }
}
