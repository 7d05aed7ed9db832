package io.divvy.rest;

import io.divvy.server.TaskResult;

/**
 * A body that is made of a stored result while it is sent, piece by piece.
 *
 * @param source the bytes of the result that the whole body is made of
 * @param form what becomes of them
 * @param part of the body that is sent
 */
record ResultBody(TaskResult.Pieces json, ByteRange source, BodyForm form, ByteRange part) {
    /** @param length of the whole body, in bytes */
    static ResultBody whole(TaskResult.Pieces json, ByteRange source, BodyForm form, long length) {
        return new ResultBody(json, source, form, new ByteRange(0, length));
    }

    /** A part of this one, which is whole. */
    ResultBody part(ByteRange range) {
        return new ResultBody(json, source, form, range);
    }

    /** The first byte of the result that is read. */
    long from() {
        return source.from() + form.sourceOf(part).from();
    }

    /** The end of what is read. */
    long to() {
        return Math.min(source.to(), source.from() + form.sourceOf(part).to());
    }

    /** What makes the bytes that are sent of those that are read. */
    BodyFilter filter() {
        return new PartFilter(form.filter(), form.bytesBefore(part), part.length());
    }

    /** How many bytes are sent. */
    long length() {
        return part.length();
    }
}
