/**
 * What the scheduler was told and what it said, as a text that a person can read and that can be run again.
 *
 * <pre>
 *   SchedulerDriver ─ turns ─► Recorder ─ lines ─► RecordingFile ─► the file
 *   the file ─► RecordingReader ─ turns ─► Replay ─► Scheduler; what it says is held against what stands there
 * </pre>
 */
@NullMarked
package io.divvy.recording;

import org.jspecify.annotations.NullMarked;
