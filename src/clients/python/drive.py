"""Drives a running server with the client that is generated from openapi.yaml.

Needs a worker for sum_of_squares. Usage: drive.py <url of the server> <directory of the generated client>
"""

import datetime
import sys
import traceback

sys.path.insert(0, sys.argv[2])

import divvy_client
from divvy_client import ApiException, ProblemCode, ResultNumbers, TaskPatch, TaskState, TaskSubmission

WAIT_SECONDS = 30
ANSWER = 333333833333500000
SQUARES = TaskSubmission(type="sum_of_squares", params={"start": 1, "end": 1_000_000}, subtasks=10)

client = divvy_client.ApiClient(divvy_client.Configuration(host=sys.argv[1]))
tasks = divvy_client.TasksApi(client)
server = divvy_client.ServerApi(client)


def problem_of(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ApiException as refused:
        assert refused.status == refused.data.status
        return refused.data
    raise AssertionError("expected a problem, and the request was answered")


def a_task_is_submitted_and_waited_for():
    task = tasks.submit_task(SQUARES, wait=WAIT_SECONDS)
    assert task.state == TaskState.COMPLETED
    assert task.progress.done == 10
    assert task.result == ANSWER
    assert task.error is None


def numbers_are_strings_for_who_asks():
    task = tasks.submit_task(SQUARES, wait=WAIT_SECONDS, numbers=ResultNumbers.STRING)
    assert task.result == str(ANSWER)
    assert tasks.get_task_result(task.id) == ANSWER
    assert tasks.get_task_result(task.id, numbers=ResultNumbers.STRING) == str(ANSWER)


def a_task_is_accepted_now_and_asked_for_later():
    accepted = tasks.submit_task_with_http_info(SQUARES)
    assert accepted.status_code == 202
    assert isinstance(accepted.data.submitted_at, datetime.datetime)
    assert tasks.get_task(accepted.data.id, wait=WAIT_SECONDS).state == TaskState.COMPLETED


def the_same_key_gives_the_same_task():
    first = tasks.submit_task(SQUARES, idempotency_key="python")
    assert tasks.submit_task(SQUARES, idempotency_key="python").id == first.id


def tasks_are_listed_page_by_page_the_newest_first():
    labelled = SQUARES.model_copy(update={"labels": {"made by": "python"}})
    ids = [tasks.submit_task(labelled, wait=WAIT_SECONDS).id for _ in range(3)]
    listed, cursor = [], None
    while True:
        page = tasks.list_tasks(state=TaskState.COMPLETED, label=["made by=python"], limit=2, cursor=cursor)
        listed += [task.id for task in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert listed == ids[::-1], (listed, ids)


def a_task_is_cancelled():
    endless = TaskSubmission(type="sum_of_squares", params={"start": 1, "end": 10**9}, subtasks=10**9)
    task = tasks.submit_task(endless)
    assert tasks.cancel_task(task.id).state == TaskState.CANCELLED
    problem = problem_of(tasks.get_task_result, task.id)
    assert (problem.status, problem.code) == (409, ProblemCode.CONFLICT)


def a_task_is_changed():
    endless = TaskSubmission(type="sum_of_squares", params={"start": 1, "end": 10**9}, subtasks=10**9)
    task = tasks.submit_task(endless)
    changed = tasks.patch_task(task.id, TaskPatch(priority=7, labels={"team": "b"}))
    assert (changed.priority, changed.labels) == (7, {"team": "b"})
    assert tasks.patch_task(task.id, TaskPatch(priority=8)).labels == {"team": "b"}
    tasks.cancel_task(task.id)


def a_task_is_run_again():
    first = tasks.submit_task(SQUARES, wait=WAIT_SECONDS)
    again = tasks.rerun_task(first.id, wait=WAIT_SECONDS)
    assert again.id != first.id
    assert again.state == TaskState.COMPLETED


def what_is_refused_is_a_problem_with_its_detail():
    no_such_task = problem_of(tasks.get_task, "no-such-task")
    assert (no_such_task.status, no_such_task.code) == (404, ProblemCode.NOT_FOUND)
    assert '"no-such-task"' in no_such_task.detail

    backwards = TaskSubmission(type="sum_of_squares", params={"start": 2, "end": 1})
    invalid = problem_of(tasks.submit_task, backwards)
    assert (invalid.status, invalid.code) == (422, ProblemCode.INVALID_TASK)
    assert "params.end" in invalid.detail


def the_server_is_up_and_ready_and_describes_itself():
    assert server.get_health().status == "up"
    assert server.get_readiness().status == "ready"
    assert bytes(server.get_open_api()).startswith(b"openapi: 3.1.0")
    assert server.get_open_api_json()["openapi"] == "3.1.0"


failures = 0
for example in (
    a_task_is_submitted_and_waited_for,
    numbers_are_strings_for_who_asks,
    a_task_is_accepted_now_and_asked_for_later,
    the_same_key_gives_the_same_task,
    tasks_are_listed_page_by_page_the_newest_first,
    a_task_is_cancelled,
    a_task_is_changed,
    a_task_is_run_again,
    what_is_refused_is_a_problem_with_its_detail,
    the_server_is_up_and_ready_and_describes_itself,
):
    name = example.__name__.replace("_", " ")
    try:
        example()
        print("passed:", name)
    except Exception:
        failures += 1
        print("FAILED:", name, file=sys.stderr)
        traceback.print_exc()
sys.exit(1 if failures else 0)
