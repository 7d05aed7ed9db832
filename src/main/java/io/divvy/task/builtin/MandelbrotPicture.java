package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.divvy.task.Combiner;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Puts bands of iteration counts together to a PNG, from top to bottom. What it gathers are colours, one byte for each
 * pixel: 0, black, is inside; the count n is 1 + (n - 1) mod 64; a band that failed is 65, which is transparent.
 */
record MandelbrotPicture(int width, int height) implements Combiner<ByteArrayOutputStream> {
    static final String MEDIA_TYPE = "image/png";

    private static final int SHADES = 64;
    private static final int MISSING = SHADES + 1;

    /** Red, green and blue of the shades 1, 14, 27, 40 and 53; those between are mixed, and the last go back to the first. */
    private static final int[][] ANCHORS = {{0, 7, 100}, {32, 107, 203}, {237, 255, 255}, {255, 170, 0}, {60, 20, 10}};

    private static final int ANCHOR_DISTANCE = 13;

    @Override
    public ByteArrayOutputStream empty() {
        return new ByteArrayOutputStream();
    }

    @Override
    public @Nullable String complaint(JsonNode result) {
        String expected = "expected the base64 of two bytes for each pixel, in rows of " + width;
        if (!result.isTextual()) {
            return expected;
        }
        try {
            int length = decode(result).length;
            return length > 0 && length % (2 * width) == 0 ? null : expected + ", got " + length + " bytes";
        } catch (IllegalArgumentException e) {
            return expected + ": " + e.getMessage();
        }
    }

    private static byte[] decode(JsonNode result) {
        return Base64.getDecoder().decode(result.textValue());
    }

    @Override
    public ByteArrayOutputStream add(ByteArrayOutputStream colours, JsonNode result) {
        byte[] counts = decode(result);
        byte[] band = new byte[counts.length / 2];
        for (int i = 0; i < band.length; i++) {
            band[i] = (byte) colour((counts[2 * i] & 0xff) << 8 | counts[2 * i + 1] & 0xff);
        }
        colours.writeBytes(band);
        return colours;
    }

    @Override
    public ByteArrayOutputStream addFailed(ByteArrayOutputStream colours, JsonNode payload) {
        byte[] missing = new byte
                [width
                        * (payload.path("to_row").intValue()
                                - payload.path("from_row").intValue())];
        Arrays.fill(missing, (byte) MISSING);
        colours.writeBytes(missing);
        return colours;
    }

    @Override
    public ByteArrayOutputStream merge(ByteArrayOutputStream left, ByteArrayOutputStream right) {
        left.writeBytes(right.toByteArray());
        return left;
    }

    @Override
    public JsonNode finish(ByteArrayOutputStream colours) {
        if (colours.size() != width * height) {
            throw new IllegalStateException("the bands have " + colours.size() + " pixels together; expected " + width
                    + " × " + height + ", so one has not the rows it was asked for");
        }
        byte[] png = PalettePng.write(width, height, colours.toByteArray(), palette(), MISSING);
        return JsonNodeFactory.instance
                .objectNode()
                .put("media_type", MEDIA_TYPE)
                .put("base64", Base64.getEncoder().encodeToString(png));
    }

    /** Rows have to come in their order. */
    @Override
    public boolean isExact() {
        return false;
    }

    private static int colour(int count) {
        return count == 0 ? 0 : 1 + (count - 1) % SHADES;
    }

    /** Three bytes for each colour: red, green, blue. */
    private static byte[] palette() {
        byte[] palette = new byte[3 * (MISSING + 1)];
        for (int shade = 0; shade < SHADES; shade++) {
            int anchor = Math.min(shade / ANCHOR_DISTANCE, ANCHORS.length - 1);
            int[] from = ANCHORS[anchor];
            int[] to = ANCHORS[(anchor + 1) % ANCHORS.length];
            int step = shade - anchor * ANCHOR_DISTANCE;
            for (int part = 0; part < 3; part++) {
                int mixed = from[part] + (to[part] - from[part]) * step / ANCHOR_DISTANCE;
                palette[3 * (shade + 1) + part] = (byte) mixed;
            }
        }
        return palette;
    }
}
