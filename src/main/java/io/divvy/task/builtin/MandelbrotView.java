package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Params;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a picture lies in the complex plane, and how closely it is looked at.
 *
 * @param width in pixels
 * @param height in pixels
 * @param centerX the real part of the middle of the picture
 * @param centerY the imaginary part; it grows upwards
 * @param scale how wide the picture is in the plane. Pixels are squares
 */
record MandelbrotView(int width, int height, double centerX, double centerY, double scale, int iterations) {
    private static final int MAX_SIDE = 1 << 16;
    private static final long MAX_PIXELS = 1 << 24;
    /** A count has two bytes. */
    private static final int MAX_ITERATIONS = (1 << 16) - 1;
    /** Beyond it there is nothing to see; and what is finite and below never becomes infinite on the way. */
    private static final double MAX_DISTANCE = 1e6;

    static MandelbrotView read(Params params) throws InvalidParamsException {
        return readFields(params.requireOnly("width", "height", "center", "scale", "iterations"));
    }

    static MandelbrotView readBand(Params payload) throws InvalidParamsException {
        return readFields(
                payload.requireOnly("width", "height", "center", "scale", "iterations", "from_row", "to_row"));
    }

    private static MandelbrotView readFields(Params params) throws InvalidParamsException {
        int width = (int) params.wholeNumber("width", 1, MAX_SIDE);
        int height = (int) params.wholeNumber("height", 1, MAX_SIDE);
        if ((long) width * height > MAX_PIXELS) {
            throw params.wrong("height", "expected at most " + MAX_PIXELS + " pixels, got " + width + " × " + height);
        }
        JsonNode center = params.any("center");
        if (center == null || center.size() != 2 || !isCoordinate(center.get(0)) || !isCoordinate(center.get(1))) {
            throw params.wrong("center", "two numbers, real and imaginary part, from -1e6 to 1e6", center);
        }
        JsonNode scale = params.any("scale");
        if (scale == null || !isCoordinate(scale) || scale.doubleValue() <= 0) {
            throw params.wrong("scale", "a number above 0, at most 1e6", scale);
        }
        return new MandelbrotView(
                width, height, center.get(0).doubleValue(), center.get(1).doubleValue(), scale.doubleValue(), (int)
                        params.wholeNumber("iterations", 1, MAX_ITERATIONS));
    }

    private static boolean isCoordinate(@Nullable JsonNode value) {
        return value != null && value.isNumber() && Math.abs(value.doubleValue()) <= MAX_DISTANCE;
    }

    static ObjectNode schema() {
        return JsonText.object(String.format(Locale.ROOT, """
                {
                  "type": "object",
                  "properties": {
                    "width": {"type": "integer", "minimum": 1, "maximum": %1$d, "description": "pixels"},
                    "height": {
                      "type": "integer", "minimum": 1, "maximum": %1$d,
                      "description": "pixels; at most %2$d together"
                    },
                    "center": {
                      "type": "array", "minItems": 2, "maxItems": 2,
                      "items": {"type": "number", "minimum": -1000000, "maximum": 1000000},
                      "description": "the real and the imaginary part of the middle"
                    },
                    "scale": {
                      "type": "number", "exclusiveMinimum": 0, "maximum": 1000000,
                      "description": "how wide the picture is in the complex plane"
                    },
                    "iterations": {"type": "integer", "minimum": 1, "maximum": %3$d}
                  },
                  "required": ["width", "height", "center", "scale", "iterations"],
                  "additionalProperties": false
                }
                """, MAX_SIDE, MAX_PIXELS, MAX_ITERATIONS));
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("width", width).put("height", height);
        json.putArray("center").add(centerX).add(centerY);
        return json.put("scale", scale).put("iterations", iterations);
    }

    /** After how many steps the pixel's orbit is farther from 0 than 2; 0 if it stays within for all of them. */
    int count(int column, int row) {
        double pixel = scale / width;
        double re = centerX + (column - (width - 1) / 2.0) * pixel;
        double im = centerY - (row - (height - 1) / 2.0) * pixel;
        double x = 0;
        double y = 0;
        double xx = 0;
        double yy = 0;
        for (int step = 1; step <= iterations; step++) {
            y = 2 * x * y + im;
            x = xx - yy + re;
            xx = x * x;
            yy = y * y;
            if (xx + yy > 4) {
                return step;
            }
        }
        return 0;
    }
}
