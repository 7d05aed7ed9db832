// Drives a running server with the client that is generated from openapi.yaml.
// Needs a worker for sum_of_squares. Usage: DriveKt <url of the server>

import io.divvy.openapi.apis.ServerApi
import io.divvy.openapi.apis.TasksApi
import io.divvy.openapi.apis.WorkersApi
import io.divvy.openapi.infrastructure.ClientError
import io.divvy.openapi.infrastructure.ClientException
import io.divvy.openapi.infrastructure.Serializer
import io.divvy.openapi.infrastructure.Success
import io.divvy.openapi.models.Problem
import io.divvy.openapi.models.ProblemCode
import io.divvy.openapi.models.ResultNumbers
import io.divvy.openapi.models.TaskPatch
import io.divvy.openapi.models.TaskReasonKind
import io.divvy.openapi.models.TaskState
import io.divvy.openapi.models.TaskSubmission
import kotlin.system.exitProcess
import okhttp3.OkHttpClient

const val WAIT_SECONDS = 30
const val ANSWER = "333333833333500000"
val SQUARES = TaskSubmission(type = "sum_of_squares", params = mapOf("start" to 1, "end" to 1_000_000), subtasks = 10)
val ENDLESS = SQUARES.copy(params = mapOf("start" to 1, "end" to 1_000_000_000), subtasks = 1_000_000_000)

fun <T> equal(expected: T, actual: T) {
    if (expected != actual) {
        throw AssertionError("expected $expected, got $actual")
    }
}

fun problemOf(call: () -> Any?): Problem {
    try {
        call()
    } catch (refused: ClientException) {
        val answer = refused.response as ClientError<*>
        val problem = Serializer.moshi.adapter(Problem::class.java).fromJson(answer.body as String)!!
        equal(answer.statusCode, problem.status)
        return problem
    }
    throw AssertionError("expected a problem, and the request was answered")
}

fun main(arguments: Array<String>) {
    val url = arguments[0]
    // Its own timeout has to be longer than the time that the answer is held.
    val http = OkHttpClient.Builder().readTimeout(java.time.Duration.ofSeconds(2L * WAIT_SECONDS)).build()
    val tasks = TasksApi(url, http)
    val workers = WorkersApi(url, http)
    val server = ServerApi(url, http)

    val examples = linkedMapOf<String, () -> Unit>(
        "the sum of squares is exact as a string" to {
            val task = tasks.submitTask(SQUARES, wait = WAIT_SECONDS, numbers = ResultNumbers.string)
            equal(TaskState.completed, task.state)
            equal(10L, task.progress.done)
            equal(ANSWER, task.result)
            equal(null, task.error)
            equal(ANSWER, tasks.getTaskResult(task.id, numbers = ResultNumbers.string))
        },
        "a task is accepted now and asked for later" to {
            val accepted = tasks.submitTaskWithHttpInfo(SQUARES, null, null, null)
            equal(202, accepted.statusCode)
            val id = ((accepted as Success<*>).data as io.divvy.openapi.models.TaskView).id
            equal(TaskState.completed, tasks.getTask(id, wait = WAIT_SECONDS).state)
        },
        "a failed task says why, and which subtask it was" to {
            val broken = TaskSubmission(type = "sum_of_squares", payloads = listOf("no range"), maxAttempts = 1)
            val task = tasks.submitTask(broken, wait = WAIT_SECONDS)
            equal(TaskState.failed, task.state)
            equal(0L, task.error!!.subtask)
            equal(listOf(listOf(0L, 1L)), task.failedRanges)
            equal(1, tasks.listTaskFailures(task.id).items.size)
        },
        "the same key gives the same task" to {
            val first = tasks.submitTask(SQUARES, idempotencyKey = "kotlin")
            equal(first.id, tasks.submitTask(SQUARES, idempotencyKey = "kotlin").id)
        },
        "tasks are listed page by page, the newest first" to {
            val labelled = SQUARES.copy(labels = mapOf("made by" to "kotlin"))
            val ids = List(3) { tasks.submitTask(labelled, wait = WAIT_SECONDS).id }
            val listed = mutableListOf<String>()
            var cursor: String? = null
            do {
                val page = tasks.listTasks(TaskState.completed, label = listOf("made by=kotlin"), limit = 2, cursor = cursor)
                listed += page.items.map { it.id }
                cursor = page.nextCursor
            } while (cursor != null)
            equal(ids.reversed(), listed)
        },
        "a task is explained, changed and cancelled" to {
            val id = tasks.submitTask(ENDLESS).id
            val changed = tasks.patchTask(id, TaskPatch(priority = 7, paused = true, labels = mapOf("team" to "b")))
            equal(7, changed.priority)
            equal(mapOf("team" to "b"), changed.labels)
            equal(true, tasks.explainTask(id).reasons.any { it.reason == TaskReasonKind.paused })
            equal(TaskState.cancelled, tasks.cancelTask(id).state)
            equal(ProblemCode.conflict, problemOf { tasks.getTaskResult(id) }.code)
            tasks.deleteTask(id)
            equal(404, problemOf { tasks.getTask(id) }.status)
        },
        "a task is run again" to {
            val first = tasks.submitTask(SQUARES, wait = WAIT_SECONDS)
            val again = tasks.rerunTask(first.id, wait = WAIT_SECONDS)
            equal(false, first.id == again.id)
            equal(TaskState.completed, again.state)
        },
        "what is refused is a problem with its detail" to {
            val noSuchTask = problemOf { tasks.getTask("no-such-task") }
            equal(ProblemCode.not_found, noSuchTask.code)
            equal(true, noSuchTask.detail.contains("\"no-such-task\""))
            val invalid = problemOf { tasks.submitTask(SQUARES.copy(params = mapOf("start" to 2, "end" to 1))) }
            equal(422, invalid.status)
            equal(true, invalid.detail.contains("params.end"))
        },
        "workers and task types are listed" to {
            equal(1, workers.listWorkers().items.size)
            equal(true, workers.listTaskTypes().items.any { it.name == "sum_of_squares" && it.known })
        },
        "the server is up and ready and describes itself" to {
            equal("up", server.getHealth().status.value)
            equal("ready", server.getReadiness().status.value)
            equal(true, server.getOpenApi().readText().startsWith("openapi: 3.1.0"))
            equal("3.1.0", server.getOpenApiJson()["openapi"])
        },
    )
    var failures = 0
    for ((name, example) in examples) {
        try {
            example()
            println("passed: $name")
        } catch (failure: Throwable) {
            failures++
            System.err.println("FAILED: $name")
            failure.printStackTrace()
        }
    }
    exitProcess(if (failures == 0) 0 else 1)
}
