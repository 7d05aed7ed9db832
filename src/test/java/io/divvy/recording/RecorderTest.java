package io.divvy.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
    private static final long START_MS = 1_772_366_400_000L;
    private static final RecordingHeader HEADER = RecordingHeader.of("divvy/test", START_MS)
            .savesProgress(true)
            .seed(42)
            .limits(Limits.DEFAULT.with(limits -> limits.holdMs = 77))
            .retryPolicy(new RetryPolicy(5, 30_000))
            .build();

    @TempDir
    Path folder;

    @Test
    void eventsEffectsAndRefusalsAreRecordedInOrder() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        Recorder recorder = Recorder.into(text, HEADER);
        Scheduler scheduler = HEADER.newScheduler();
        Event failing = new Event.StoreFailing("the disk is full");
        recorder.turn(START_MS, failing, scheduler.handle(failing, START_MS));
        Event wrong = new Event.StoreCommitted(7);
        recorder.refused(
                START_MS + 5,
                wrong,
                assertThrows(IllegalArgumentException.class, () -> scheduler.handle(wrong, START_MS + 5)));
        recorder.turn(START_MS + 150, null, List.of(new Effect.GoAway(new WorkerId(3))));
        recorder.end("the story is over");
        assertEquals("""
                divvy-recording 1 {version:"divvy/test", start:"2026-03-01T12:00:00Z", savesProgress:true, seed:42, limits:{holdMs:77}, retryPolicy:{baseMs:5}}
                @0 StoreFailing {message:"the disk is full"}
                @5 StoreCommitted {commit:7}
                  ! IllegalArgumentException: commit 7 was never asked for; the last is 0
                @150 tick
                  > GoAway {worker:3}
                end the story is over
                """, text.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aHeaderIsReadAsItWasWritten() throws Exception {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        Recorder.into(text, HEADER).end("nothing happened");
        RecordingReader read = new RecordingReader(new java.io.ByteArrayInputStream(text.toByteArray()));
        assertEquals(HEADER, read.header());
    }

    @Test
    void aRecordingEndsAtItsSizeAndSaysSo() throws Exception {
        Path path = folder.resolve("recording.txt");
        int most = 2_000;
        try (RecordingFile file = RecordingFile.create(path, most)) {
            Recorder recorder = Recorder.into(file, HEADER);
            for (int i = 0; i < 100; i++) {
                recorder.turn(START_MS + i, new Event.StoreFailing("the disk is full"), List.of());
            }
            recorder.end("too late to say so");
        }
        String text = Files.readString(path);
        assertTrue(text.length() <= most && text.length() > most / 2, text);
        assertTrue(text.endsWith("\nend it has reached its size of 2000 bytes\n"), text);
        assertNull(Text.replayed(text).difference());
    }

    @Test
    void anExistingFileIsNotWrittenOver() throws IOException {
        Path path = folder.resolve("recording.txt");
        Files.writeString(path, "of yesterday");
        assertThrows(FileAlreadyExistsException.class, () -> RecordingFile.create(path, 1_000_000));
        assertEquals("of yesterday", Files.readString(path));
    }

    @Test
    void onlyItsOwnerCanReadARecording() throws IOException {
        Path path = folder.resolve("recording.txt");
        try (RecordingFile file = RecordingFile.create(path, 1_000_000)) {
            if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            }
            Recorder.into(file, HEADER).end("that was all");
        }
    }

    /** As where the server finds its port taken. */
    @Test
    void aRecordingWithoutTurnsLeavesNoFile() throws IOException {
        Path path = folder.resolve("recording.txt");
        try (RecordingFile file = RecordingFile.create(path, 1_000_000)) {
            Recorder.into(file, HEADER);
        }
        assertTrue(Files.notExists(path));
    }

    @Test
    void aDiskThatFailsEndsTheRecordingAndNothingElse() throws Exception {
        Path path = folder.resolve("recording.txt");
        RecordingFile file = new RecordingFile(
                path,
                () -> {
                    throw new IOException("no space left on device");
                },
                1_000_000);
        Recorder recorder = Recorder.into(file, HEADER);
        recorder.turn(START_MS, null, List.of());
        file.close();
        recorder.turn(START_MS, null, List.of());
        recorder.close("the server stopped", 1_000);
        IOException failure = assertThrows(IOException.class, () -> file.write(new ByteArrayOutputStream()));
        assertEquals("cannot write to " + path + ": no space left on device", failure.getMessage());
    }

    @Test
    void aDiskThatStandsStillHoldsUpNobody() throws Exception {
        Path path = folder.resolve("recording.txt");
        CountDownLatch goesOn = new CountDownLatch(1);
        RecordingFile file = new RecordingFile(path, () -> slow(Files.newOutputStream(path), goesOn), Long.MAX_VALUE);
        Recorder recorder = Recorder.into(file, HEADER);
        Event large = new Event.StoreFailing("x".repeat(500_000));
        for (int i = 0; i < 2 * RecordingFile.MOST_WAITING_BYTES / 500_000; i++) {
            recorder.turn(START_MS, large, List.of());
        }
        goesOn.countDown();
        recorder.close("the server stopped", 60_000);
        String text = Files.readString(path);
        String last = text.substring(text.lastIndexOf("\nend "));
        assertTrue(last.startsWith("\nend the disk is too slow: "), last);
        assertTrue(text.length() <= 2 * RecordingFile.MOST_WAITING_BYTES, "bytes: " + text.length());
        assertNull(Text.replayed(text).difference());
    }

    private static OutputStream slow(OutputStream file, CountDownLatch goesOn) {
        return new OutputStream() {
            @Override
            public void write(int oneByte) {
                throw new UnsupportedOperationException("not used");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    goesOn.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                file.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
