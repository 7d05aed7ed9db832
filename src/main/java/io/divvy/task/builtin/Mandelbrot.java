package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.task.Combiner;
import io.divvy.task.EvenParts;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Params;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A picture of the Mandelbrot set, in bands of rows.
 *
 * <p>The count of a pixel c is the smallest n, at most {@code iterations}, for which |z| > 2 after n steps of {@code z = z² +
 * c} from 0, and 0 if there is none. A result is the base64 of the counts of its band, row after row from the top and from
 * left to right, each as two bytes, the higher one first.
 */
public final class Mandelbrot implements TaskType {
    /** Of a band: about a tenth of a second at some hundred iterations. */
    private static final long DEFAULT_BAND_PIXELS = 1 << 16;
    /** Of a band: its result, 2.8 MB of base64, has to fit into a message. */
    private static final long MAX_BAND_PIXELS = 1 << 20;
    /** Pixels that are computed before anybody is asked whether to go on. */
    private static final int STRETCH = 256;

    @Override
    public String name() {
        return "mandelbrot";
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        MandelbrotView view = MandelbrotView.read(Params.of(params));
        EvenParts bands = EvenParts.of(view.height(), subtasks == null ? bands(view, DEFAULT_BAND_PIXELS) : subtasks);
        if (bands.size(0) * view.width() > MAX_BAND_PIXELS) {
            throw new InvalidParamsException("subtasks: " + subtasks + " are too few for a picture of " + view.width()
                    + " × " + view.height()
                    + " pixels, because the result of one has to fit into a message; expected at least "
                    + bands(view, MAX_BAND_PIXELS));
        }
        return new Subtasks() {
            @Override
            public long count() {
                return bands.count();
            }

            @Override
            public JsonNode payload(long index) {
                return view.toJson().put("from_row", bands.start(index)).put("to_row", bands.start(index + 1));
            }
        };
    }

    /** How many it takes for each to have at most so many pixels, or to be a single row. */
    private static long bands(MandelbrotView view, long mostPixels) {
        long rows = Math.max(1, mostPixels / view.width());
        return (view.height() + rows - 1) / rows;
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws InvalidParamsException, InterruptedException {
        Params band = Params.ofPayload(payload, "{\"width\":640,…,\"from_row\":0,\"to_row\":100}");
        MandelbrotView view = MandelbrotView.readBand(band);
        int fromRow = (int) band.wholeNumber("from_row", 0, view.height() - 1L);
        int toRow = (int) band.wholeNumber(
                "to_row", fromRow + 1L, Math.min(view.height(), fromRow + Math.max(1, MAX_BAND_PIXELS / view.width())));
        byte[] counts = new byte[2 * view.width() * (toRow - fromRow)];
        int at = 0;
        for (int row = fromRow; row < toRow; row++) {
            for (int column = 0; column < view.width(); column++) {
                int count = view.count(column, row);
                counts[at++] = (byte) (count >> 8);
                counts[at++] = (byte) count;
                if (at % (2 * STRETCH) == 0) {
                    context.checkCancelled();
                }
            }
        }
        return TextNode.valueOf(Base64.getEncoder().encodeToString(counts));
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) throws InvalidParamsException {
        MandelbrotView view = MandelbrotView.read(Params.of(params));
        return new MandelbrotPicture(view.width(), view.height());
    }

    @Override
    public String answerMediaType() {
        return MandelbrotPicture.MEDIA_TYPE;
    }

    @Override
    public ObjectNode paramsSchema() {
        return MandelbrotView.schema();
    }

    @Override
    public List<ObjectNode> exampleParams() {
        return List.of(JsonText.object("""
                        {"width": 320, "height": 240, "center": [-0.7, 0], "scale": 3, "iterations": 200}
                        """), JsonText.object("""
                        {"width": 200, "height": 50, "center": [-0.745, 0.113], "scale": 0.01, "iterations": 500}
                        """));
    }
}
