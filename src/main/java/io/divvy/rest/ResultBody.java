package io.divvy.rest;

import io.divvy.server.TaskResult;
import java.util.function.Supplier;

/**
 * A body that is made of a stored result while it is sent, piece by piece.
 *
 * @param from the first byte of the result that is sent
 * @param to the end of what is sent
 * @param filter what becomes of these bytes, a new one for each answer
 * @param length of the body in bytes, behind the filter
 */
record ResultBody(TaskResult.Pieces json, long from, long to, Supplier<BodyFilter> filter, long length) {}
