package io.divvy.rest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an answer that is in memory as a whole, and what follows from them. Each of it is made once, when it is first
 * asked for, so an answer that many clients share is written, compressed and tagged once. Asking takes work: never on the
 * loop's thread, nor on those of Jetty.
 */
final class Content implements Supplier<byte[]> {
    static final Content NONE = of(new byte[0]);

    private @Nullable Supplier<byte[]> maker;
    private byte @Nullable [] bytes;
    private @Nullable Content gzip;
    private @Nullable String tag;

    private Content(@Nullable Supplier<byte[]> maker, byte @Nullable [] bytes) {
        this.maker = maker;
        this.bytes = bytes;
    }

    static Content of(byte[] bytes) {
        return new Content(null, bytes);
    }

    static Content of(Supplier<byte[]> maker) {
        return new Content(maker, null);
    }

    @Override
    public synchronized byte[] get() {
        byte[] made = bytes;
        if (made == null) {
            if (maker == null) {
                throw new IllegalStateException("content has bytes, or what makes them");
            }
            made = maker.get();
            bytes = made;
            maker = null; // It may keep a whole task.
        }
        return made;
    }

    /** Changes whenever a byte does. */
    synchronized String tag() {
        String made = tag;
        if (made == null) {
            made = EntityTag.of(get());
            tag = made;
        }
        return made;
    }

    /** The same, compressed. */
    synchronized Content gzip() {
        Content made = gzip;
        if (made == null) {
            made = of(compressed(get()));
            gzip = made;
        }
        return made;
    }

    private static byte[] compressed(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 4 + 64);
        try (OutputStream gzip = new Quick(compressed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return compressed.toByteArray();
    }

    /** Most of what there is to gain from JSON, in a third of the time. */
    private static final class Quick extends GZIPOutputStream {
        Quick(OutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
