package io.divvy.cli;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process does at a signal. By reflection, because the compiler warns of these classes, whatever is said to it, and
 * they are missing on some platforms: there a signal ends the process, as usual.
 */
final class Signals {
    static final String INTERRUPT = "INT";
    static final String TERMINATE = "TERM";

    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);
    /** Shells count an end by a signal as 128 and its number. */
    private static final int EXIT_CODE_BASE = 128;

    private Signals() {}

    /** Does that at each such signal, on a thread of its own, instead of ending. */
    static void at(String name, Runnable action) {
        handle(name, number -> action.run());
    }

    /** Ends the process at once at the next such signal. */
    static void endAt(String name) {
        handle(name, number -> Runtime.getRuntime().halt(EXIT_CODE_BASE + number));
    }

    @FunctionalInterface
    private interface Action {
        void at(int number);
    }

    private static void handle(String name, Action action) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            int number = (int) signalType.getMethod("getNumber").invoke(signal);
            Object handler = Proxy.newProxyInstance(
                    handlerType.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                        action.at(number);
                        return null;
                    });
            signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("SIG{} will not be handled: {}", name, e.toString());
        }
    }
}
