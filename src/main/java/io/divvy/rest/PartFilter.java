package io.divvy.rest;

import java.nio.ByteBuffer;

/** Lets through a part of what another filter makes. */
final class PartFilter implements BodyFilter {
    private final BodyFilter whole;
    private long before;
    private long left;

    /**
     * @param before how many bytes are dropped first
     * @param length of the part
     */
    PartFilter(BodyFilter whole, long before, long length) {
        this.whole = whole;
        this.before = before;
        this.left = length;
    }

    @Override
    public void transfer(ByteBuffer in, ByteBuffer out) {
        do {
            int start = out.position();
            whole.transfer(in, out);
            keepPart(start, out);
        } while (before > 0 && in.hasRemaining() && out.remaining() >= LEAST_ROOM);
    }

    @Override
    public void end(ByteBuffer out) {
        int start = out.position();
        whole.end(out);
        keepPart(start, out);
    }

    /** @param start of what the filter has just made */
    private void keepPart(int start, ByteBuffer out) {
        int made = out.position() - start;
        int dropped = (int) Math.min(before, made);
        int kept = (int) Math.min(made - dropped, left);
        if (dropped > 0) {
            ByteBuffer of = out.slice(start, made);
            of.position(dropped).limit(dropped + kept);
            of.compact();
        }
        out.position(start + kept);
        before -= dropped;
        left -= kept;
    }
}
