package io.divvy.rest;

import java.nio.ByteBuffer;

/** Changes a body while it flows, whatever its length. */
interface BodyFilter {
    /** Leaves it as it is. */
    BodyFilter NONE = new BodyFilter() {
        @Override
        public void transfer(ByteBuffer in, ByteBuffer out) {
            int bytes = Math.min(in.remaining(), out.remaining());
            out.put(out.position(), in, in.position(), bytes);
            in.position(in.position() + bytes);
            out.position(out.position() + bytes);
        }

        @Override
        public void end(ByteBuffer out) {
            // All was transferred.
        }
    };

    /** The least room that {@link #transfer} and {@link #end} can do something with. */
    int LEAST_ROOM = 16;

    /** Takes what it can of the next bytes, until all are taken or there is less than {@link #LEAST_ROOM} for more. */
    void transfer(ByteBuffer in, ByteBuffer out);

    /** All bytes were transferred; writes what is still owed. */
    void end(ByteBuffer out);

    /** Counts how long a body is that a filter makes. */
    final class Length {
        private static final int ROOM = 1 << 13;

        private final BodyFilter filter;
        private final ByteBuffer dropped = ByteBuffer.allocate(ROOM);
        private long length;

        Length(BodyFilter filter) {
            this.filter = filter;
        }

        void add(ByteBuffer in) {
            while (in.hasRemaining()) {
                filter.transfer(in, dropped);
                count();
            }
        }

        /** The length of the whole. */
        long end() {
            filter.end(dropped);
            count();
            return length;
        }

        private void count() {
            length += dropped.position();
            dropped.clear();
        }
    }
}
