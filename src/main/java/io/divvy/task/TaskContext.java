package io.divvy.task;

/** What a running subtask knows of the world. */
public interface TaskContext {
    /** The index of the subtask in its task. */
    long index();

    /**
     * To be called now and then by a subtask that takes long. Throws once nobody wants its result any more: the task was
     * cancelled, or the subtask's time is up.
     */
    void checkCancelled() throws InterruptedException;
}
