/**
 * The peers of the server, one session for each connection: what they say becomes events of the core and calls of the task
 * desk, and what they are told becomes messages. All of it runs on the loop's thread.
 *
 * <pre>
 *   net.Connection ─ first frame ─► HelloSession ─┬─► WorkerSession, PlainWorkerSession ─ events ─► Core
 *                                                 │        ▲ WorkerDoor: what the core's effects tell a worker
 *                                                 └─► SenderSession, PlainSenderSession ─────────► Tasks
 *                                                          ▲ TaskWatcher: what becomes of a task
 * </pre>
 *
 * The server, which knows this package, implements {@link io.divvy.server.session.Core}, {@link
 * io.divvy.server.session.Tasks} and {@link io.divvy.server.session.OpenTask}, and is not known here.
 */
@NullMarked
package io.divvy.server.session;

import org.jspecify.annotations.NullMarked;
