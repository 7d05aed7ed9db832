/**
 * The HTTP API: routes, problem details, and nothing that schedules. Each request becomes a call of the {@link
 * io.divvy.server.Gateway}; {@code openapi.yaml} says what goes in and out.
 *
 * <p>The only package that knows Javalin and Jetty.
 */
@NullMarked
package io.divvy.rest;

import org.jspecify.annotations.NullMarked;
