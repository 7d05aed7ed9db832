package io.divvy.guard;

/** What became of a call of foreign code: it returned something, or it failed. */
public sealed interface Outcome<T> {
    /** The call returned this; never null. */
    record Returned<T>(T value) implements Outcome<T> {}

    /** The call threw, or did not return what it has to. */
    record Failed<T>(Failure failure) implements Outcome<T> {}
}
