/**
 * Where the parts meet: connections become sessions, messages become events of the core, and its effects become messages,
 * commits and replies. All of it runs on the loop's thread, but for {@link io.divvy.server.Gateway}.
 *
 * <pre>
 *   net.Connection ─ frames ─► session.* ─ events ─► SchedulerDriver ─► scheduler.Scheduler
 *                                  ▲                      │ effects
 *                                  └──── EffectExecutor ◄─┘ ──► TaskWork (split, fold), TaskStore
 *   rest, and whoever else ──► Gateway ──► TaskDesk ──► the same driver
 * </pre>
 */
@NullMarked
package io.divvy.server;

import org.jspecify.annotations.NullMarked;
