package io.divvy.task;

/** A combiner to which the order matters. */
abstract class OrderedCombiner<A> implements Combiner<A> {
    @Override
    public boolean isExact() {
        return false;
    }
}
