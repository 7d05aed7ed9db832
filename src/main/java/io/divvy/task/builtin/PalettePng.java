package io.divvy.task.builtin;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes a PNG of at most 256 colours, one byte for each pixel (PNG specification, colour type 3, bit depth 8). Written here
 * so that its bytes do not depend on the desktop module of the JDK. They do depend on the zlib that the JDK brings: with
 * another one the compressed bytes may differ, the pixels never.
 */
final class PalettePng {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte[] BIT_DEPTH_8_PALETTE_NOT_INTERLACED = {8, 3, 0, 0, 0};
    private static final int COMPRESSION_LEVEL = 6;

    private PalettePng() {}

    /**
     * @param pixels a colour's place in the palette for each, row after row from the top
     * @param palette red, green and blue of each colour
     * @param transparent the colour that is not painted
     */
    static byte[] write(int width, int height, byte[] pixels, byte[] palette, int transparent) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(SIGNATURE);
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put(BIT_DEPTH_8_PALETTE_NOT_INTERLACED)
                .array();
        byte[] opacity = new byte[transparent + 1];
        Arrays.fill(opacity, 0, transparent, (byte) 0xff);
        chunk(png, "IHDR", header);
        chunk(png, "PLTE", palette);
        chunk(png, "tRNS", opacity);
        chunk(png, "IDAT", deflate(scanlines(width, height, pixels)));
        chunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    /** Each row behind the number of its filter, which is 0 for none. */
    private static byte[] scanlines(int width, int height, byte[] pixels) {
        byte[] scanlines = new byte[(width + 1) * height];
        for (int row = 0; row < height; row++) {
            System.arraycopy(pixels, row * width, scanlines, row * (width + 1) + 1, width);
        }
        return scanlines;
    }

    private static byte[] deflate(byte[] data) {
        Deflater deflater = new Deflater(COMPRESSION_LEVEL);
        try {
            deflater.setInput(data);
            deflater.finish();
            ByteArrayOutputStream deflated = new ByteArrayOutputStream();
            byte[] buffer = new byte[1 << 13];
            while (!deflater.finished()) {
                deflated.write(buffer, 0, deflater.deflate(buffer));
            }
            return deflated.toByteArray();
        } finally {
            deflater.end();
        }
    }

    /** Length, type, data, and the checksum of both. */
    private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 checksum = new CRC32();
        checksum.update(name);
        checksum.update(data);
        png.writeBytes(ByteBuffer.allocate(data.length + 12)
                .putInt(data.length)
                .put(name)
                .put(data)
                .putInt((int) checksum.getValue())
                .array());
    }
}
