package io.divvy.task;

/** What a running subtask knows of the world. */
public interface TaskContext {
    /** The index of the subtask in its task. */
    long index();

    /**
     * To be called now and then by a subtask that takes long. Throws once nobody wants its result any more: the task was
     * cancelled, the subtask's time is up, or another worker does it and this one is needed for something else.
     */
    void checkCancelled() throws InterruptedException;
}
