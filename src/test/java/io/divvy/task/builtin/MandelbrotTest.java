package io.divvy.task.builtin;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.task.Combiner;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Params;
import io.divvy.task.Subject;
import io.divvy.task.Subtasks;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MandelbrotTest {
    private static final String VIEW =
            "{\"width\":61,\"height\":40,\"center\":[-0.5,0.1],\"scale\":3.2,\"iterations\":150}";

    private final Mandelbrot type = new Mandelbrot();
    private final Subject mandelbrot = new Subject(type);

    /** Each can be followed by hand. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0", // 0, 0, …
        "-1, 0, 0", // -1, 0, -1, 0, …
        "0, 1, 0", // i, -1 + i, -i, -1 + i, …
        "-2, 0, 0", // -2, 2, 2, …: never farther than 2
        "0.25, 0, 0", // the cusp of the cardioid
        "3, 0, 1", // 3
        "2, 0, 2", // 2, 6
        "1, 0, 3", // 1, 2, 5
        "0.5, 0, 5", // 0.5, 0.75, 1.0625, 1.62890625, 3.15…
        "-2.5, 0, 1",
        "0, 2, 2", // 2i, -4 + 2i
        "1, 1, 2" // 1 + i, 1 + 3i
    })
    void countsTheStepsToTheOutside(double x, double y, int steps) throws Exception {
        assertEquals(steps, onePixel(x, y, 1_000));
    }

    @Test
    void stopsAtTheLastIteration() throws Exception {
        assertEquals(5, onePixel(0.5, 0, 5));
        assertEquals(0, onePixel(0.5, 0, 4));
    }

    @Test
    void columnsGoRightAndRowsGoDown() throws Exception {
        // Four by two pixels, each one wide, around 0: columns at -1.5, -0.5, 0.5, 1.5, rows at 0.5 and -0.5 i.
        JsonNode band = mandelbrot.process(
                "{\"width\":4,\"height\":2,\"center\":[0,0],\"scale\":4,\"iterations\":100,\"from_row\":0,\"to_row\":2}");
        int[] counts = counts(band);
        assertEquals(8, counts.length);
        assertEquals(0, counts[1], "-0.5 + 0.5i is inside");
        assertEquals(2, counts[3], "1.5 + 0.5i is outside at once: its square is 2 + 1.5i, and 3.5 + 2i with it added");
        for (int column = 0; column < 4; column++) {
            assertEquals(counts[column], counts[4 + column], "the set is symmetric about the real axis");
        }
        // Up is where the imaginary part grows: 0.28 + 0.5i and its neighbour below it have other counts.
        JsonNode above = mandelbrot.process(
                "{\"width\":1,\"height\":2,\"center\":[0.28,0.5],\"scale\":0.04,\"iterations\":1000,\"from_row\":0,\"to_row\":1}");
        assertEquals(onePixel(0.28, 0.52, 1_000), counts(above)[0]);
    }

    /** By another formulation: complex numbers of their own, and the distance by a root. */
    @Test
    void randomPixelsAgreeWithANaiveOrbit() throws Exception {
        MandelbrotView view = MandelbrotView.read(Params.of(JsonText.object(VIEW)));
        int[] counts = counts(mandelbrot.process(VIEW.replace("}", ",\"from_row\":0,\"to_row\":40}")));
        for (int row = 0; row < 40; row++) {
            for (int column = 0; column < 61; column++) {
                double re = -0.5 + (column - 30) * (3.2 / 61);
                double im = 0.1 - (row - 19.5) * (3.2 / 61);
                assertEquals(naive(re, im, 150), counts[61 * row + column], column + ", " + row);
                assertEquals(counts[61 * row + column], view.count(column, row));
            }
        }
    }

    private static int naive(double re, double im, int iterations) {
        double[] z = {0, 0};
        for (int step = 1; step <= iterations; step++) {
            z = new double[] {z[0] * z[0] - z[1] * z[1] + re, 2 * z[0] * z[1] + im};
            if (Math.sqrt(z[0] * z[0] + z[1] * z[1]) > 2) {
                return step;
            }
        }
        return 0;
    }

    /** The area of the set is 1.5066 (Förstemann 2012: 1.5065918849). */
    @Test
    void theSetIsAsLargeAsItIsKnownToBe() throws Exception {
        JsonNode band = mandelbrot.process("{\"width\":600,\"height\":600,\"center\":[-0.75,0],\"scale\":3,"
                + "\"iterations\":2000,\"from_row\":0,\"to_row\":600}");
        long inside = Arrays.stream(counts(band)).filter(count -> count == 0).count();
        assertEquals(1.5066, inside * (3.0 / 600) * (3.0 / 600), 0.005);
    }

    @Test
    void theAnswerIsAPngOfTheCounts() throws Exception {
        JsonNode answer = mandelbrot.answer(VIEW, 7L);
        assertEquals("image/png", answer.get("media_type").textValue());
        BufferedImage image = decode(answer);
        assertEquals(61, image.getWidth());
        assertEquals(40, image.getHeight());
        int[] counts = counts(mandelbrot.process(VIEW.replace("}", ",\"from_row\":0,\"to_row\":40}")));
        for (int i = 0; i < counts.length; i++) {
            int expected = counts[i] == 0 ? 0 : 1 + (counts[i] - 1) % 64;
            assertEquals(expected, image.getRaster().getSample(i % 61, i / 61, 0), "pixel " + i);
        }
        IndexColorModel palette = (IndexColorModel) image.getColorModel();
        assertEquals(0xff000000, palette.getRGB(0), "inside is black");
        assertEquals(0xff000764, palette.getRGB(1), "the first shade");
        assertEquals(66, IntStream.range(0, 66).map(palette::getRGB).distinct().count(), "shades");
        assertEquals(answer, mandelbrot.answer(VIEW, 40L));
    }

    /** Some readers overlook a wrong checksum, and some do not. */
    @Test
    void everyChunkOfThePngHasItsChecksum() throws Exception {
        byte[] png = Base64.getDecoder()
                .decode(mandelbrot.answer(VIEW, null).get("base64").textValue());
        ByteBuffer bytes = ByteBuffer.wrap(png).position(8);
        List<String> types = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int length = bytes.getInt();
            CRC32 checksum = new CRC32();
            checksum.update(png, bytes.position(), 4 + length);
            types.add(new String(png, bytes.position(), 4, StandardCharsets.US_ASCII));
            bytes.position(bytes.position() + 4 + length);
            assertEquals((int) checksum.getValue(), bytes.getInt(), () -> "checksum of " + types);
        }
        assertEquals(List.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND"), types);
    }

    @Test
    void aBandThatFailedIsTransparent() throws Exception {
        var params = JsonText.object(VIEW);
        BufferedImage image = decode(withoutTheFirst(type.combiner(params), type.split(params, 4L)));
        assertEquals(0, image.getRGB(5, 9) >>> 24);
        assertEquals(0xff, image.getRGB(5, 10) >>> 24);
    }

    private <A> JsonNode withoutTheFirst(Combiner<A> combiner, Subtasks subtasks) throws Exception {
        A picture = combiner.addFailed(combiner.empty(), subtasks.payload(0));
        for (int index = 1; index < subtasks.count(); index++) {
            picture = combiner.add(picture, mandelbrot.process(subtasks.payload(index)));
        }
        return combiner.finish(picture);
    }

    @Test
    void bandsAreRowsThatCanBeDoneAnywhere() throws Exception {
        Subtasks bands = type.split(JsonText.object(VIEW), 7L);
        assertEquals(
                "{\"width\":61,\"height\":40,\"center\":[-0.5,0.1],\"scale\":3.2,\"iterations\":150,\"from_row\":6,\"to_row\":12}",
                bands.payload(1).toString());
        assertEquals(40, type.split(JsonText.object(VIEW), 1_000L).count());
        assertEquals(
                32,
                type.split(JsonText.object(VIEW.replace("61", "1920").replace(":40,", ":1080,")), null)
                        .count(),
                "about 2^16 pixels each");
    }

    @Test
    void aResultThatIsNoBandIsRefused() throws Exception {
        Combiner<?> combiner = type.combiner(JsonText.object(VIEW));
        String expected = "expected the base64 of two bytes for each pixel, in rows of 61";
        assertNull(combiner.complaint(TextNode.valueOf(Base64.getEncoder().encodeToString(new byte[2 * 61]))));
        assertEquals(
                expected + ", got 61 bytes",
                combiner.complaint(TextNode.valueOf(Base64.getEncoder().encodeToString(new byte[61]))));
        assertEquals(expected + ", got 0 bytes", combiner.complaint(TextNode.valueOf("")));
        assertEquals(expected, combiner.complaint(JsonText.object("{}")));
        String complaint = combiner.complaint(TextNode.valueOf("*"));
        assertNotNull(complaint);
        assertEquals(expected, complaint.substring(0, expected.length()));
    }

    @Test
    void paramsThatMakeNoSenseAreRefusedByName() {
        assertEquals(
                "params.height: expected at most 16777216 pixels, got 65536 × 257",
                mandelbrot.complaint(VIEW.replace("61", "65536").replace(":40,", ":257,")));
        assertEquals(
                "params.center: expected two numbers, real and imaginary part, from -1e6 to 1e6, got [0]",
                mandelbrot.complaint(VIEW.replace("[-0.5,0.1]", "[0]")));
        assertEquals(
                "params.scale: expected a number above 0, at most 1e6, got 0",
                mandelbrot.complaint(VIEW.replace("3.2", "0")));
        assertEquals(
                "params.iterations: expected a whole number from 1 to 65535, got 65536",
                mandelbrot.complaint(VIEW.replace("150", "65536")));
    }

    @Test
    void bandsWhoseResultsFitNoMessageAreRefused() {
        var params = JsonText.object(VIEW.replace("61", "4096").replace(":40,", ":4096,"));
        var refused = assertThrows(InvalidParamsException.class, () -> type.split(params, 15L));
        assertEquals(
                "subtasks: 15 are too few for a picture of 4096 × 4096 pixels, because the result of one has to fit into a"
                        + " message; expected at least 16",
                refused.getMessage());
        assertDoesNotThrow(() -> type.split(params, 16L));
    }

    private int onePixel(double x, double y, int iterations) throws Exception {
        JsonNode band = mandelbrot.process("{\"width\":1,\"height\":1,\"center\":[" + x + "," + y
                + "],\"scale\":1,\"iterations\":" + iterations + ",\"from_row\":0,\"to_row\":1}");
        int[] counts = counts(band);
        assertEquals(1, counts.length);
        return counts[0];
    }

    private static int[] counts(JsonNode band) {
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(band.textValue()));
        int[] counts = new int[bytes.remaining() / 2];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = bytes.getShort() & 0xffff;
        }
        return counts;
    }

    private static BufferedImage decode(JsonNode answer) throws Exception {
        byte[] png = Base64.getDecoder().decode(answer.get("base64").textValue());
        return ImageIO.read(new ByteArrayInputStream(png));
    }
}
