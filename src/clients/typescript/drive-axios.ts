// Drives a running server with the client on axios that is generated from openapi.yaml.
// Needs a worker for sum_of_squares. Usage: node drive-axios.js <url of the server>

import { isAxiosError } from 'axios';
import {
    Configuration,
    ProblemCode,
    ResultNumbers,
    ServerApi,
    TasksApi,
    TaskState,
    WorkersApi,
    type Problem,
    type TaskSubmission,
} from './axios';

declare const process: { argv: string[]; exitCode: number };

const configuration = new Configuration({ basePath: process.argv[2] });
const tasks = new TasksApi(configuration);
const workers = new WorkersApi(configuration);
const server = new ServerApi(configuration);

const WAIT_SECONDS = 30;
const SQUARES: TaskSubmission = {
    type: 'sum_of_squares',
    params: { start: 1, end: 1_000_000 },
    subtasks: 10,
};
const ENDLESS: TaskSubmission = { ...SQUARES, params: { start: 1, end: 1_000_000_000 }, subtasks: 1_000_000_000 };
const ANSWER = 333333833333500000n;

function equal<T>(expected: T, actual: T): void {
    if (expected !== actual) {
        throw new Error(`expected ${String(expected)}, got ${String(actual)}`);
    }
}

async function problemOf(call: Promise<unknown>): Promise<Problem> {
    try {
        await call;
    } catch (error) {
        if (isAxiosError<Problem>(error) && error.response !== undefined) {
            equal(error.response.status, error.response.data.status);
            return error.response.data;
        }
        throw error;
    }
    throw new Error('expected a problem, and the request was answered');
}

const examples: Record<string, () => Promise<void>> = {
    async 'the sum of squares is exact as a string'() {
        const { data: task } = await tasks.submitTask(SQUARES, WAIT_SECONDS, ResultNumbers.String);
        equal<string>(TaskState.Completed, task.state);
        equal(10, task.progress.done);
        equal(ANSWER, BigInt(task.result));
        equal(ANSWER, BigInt((await tasks.getTaskResult(task.id, ResultNumbers.String)).data));
    },

    async 'a task is accepted now and asked for later'() {
        const accepted = await tasks.submitTask(SQUARES);
        equal(202, accepted.status);
        equal(`/tasks/${accepted.data.id}`, accepted.headers['location']);
        const { data: task } = await tasks.getTask(accepted.data.id, WAIT_SECONDS);
        equal<string>(TaskState.Completed, task.state);
        equal(null, task.error);
    },

    async 'the same key gives the same task'() {
        const first = await tasks.submitTask(SQUARES, undefined, undefined, 'axios');
        const second = await tasks.submitTask(SQUARES, undefined, undefined, 'axios');
        equal(first.data.id, second.data.id);
    },

    async 'tasks are listed page by page, the newest first'() {
        const labelled = { ...SQUARES, labels: { 'made by': 'axios', team: 'b' } };
        const ids: string[] = [];
        for (let i = 0; i < 3; i++) {
            ids.unshift((await tasks.submitTask(labelled, WAIT_SECONDS)).data.id);
        }
        const listed: string[] = [];
        let cursor: string | undefined;
        do {
            const labels = ['made by=axios', 'team=b'];
            const { data: page } = await tasks.listTasks(TaskState.Completed, undefined, labels, 2, cursor);
            listed.push(...page.items.map((task) => task.id));
            cursor = page.next_cursor ?? undefined;
        } while (cursor !== undefined);
        equal(ids.join(), listed.join());
    },

    async 'a failed task says why, and which subtask it was'() {
        const broken: TaskSubmission = { type: 'sum_of_squares', payloads: ['no range'], max_attempts: 1 };
        const { data: task } = await tasks.submitTask(broken, WAIT_SECONDS);
        equal<string>(TaskState.Failed, task.state);
        equal(0, task.error?.subtask);
        equal(1, (await tasks.listTaskFailures(task.id)).data.items.length);
    },

    async 'a task is changed, explained and cancelled'() {
        const { id } = (await tasks.submitTask(ENDLESS)).data;
        const { data: changed } = await tasks.patchTask(id, { priority: 7, paused: true, labels: { team: 'b' } });
        equal(7, changed.priority);
        equal('b', changed.labels['team']);
        equal(true, (await tasks.explainTask(id)).data.reasons.some(({ reason }) => reason === 'paused'));
        equal<string>(TaskState.Cancelled, (await tasks.cancelTask(id)).data.state);
        equal<string>(ProblemCode.Conflict, (await problemOf(tasks.getTaskResult(id))).code);
        equal(204, (await tasks.deleteTask(id)).status);
    },

    async 'a task is run again'() {
        const { data: first } = await tasks.submitTask(SQUARES, WAIT_SECONDS);
        const { data: again } = await tasks.rerunTask(first.id, WAIT_SECONDS);
        equal(false, first.id === again.id);
        equal<string>(TaskState.Completed, again.state);
    },

    async 'what is refused is a problem with its detail'() {
        const noSuchTask = await problemOf(tasks.getTask('no-such-task'));
        equal(404, noSuchTask.status);
        equal<string>(ProblemCode.NotFound, noSuchTask.code);
        const invalid = await problemOf(tasks.submitTask({ ...SQUARES, params: { start: 2, end: 1 } }));
        equal<string>(ProblemCode.InvalidTask, invalid.code);
        equal(true, invalid.detail.includes('params.end'));
    },

    async 'workers and task types are listed'() {
        equal(1, (await workers.listWorkers()).data.items.length);
        equal(true, (await workers.listTaskTypes()).data.items.some(({ name }) => name === 'sum_of_squares'));
    },

    async 'the server is up and ready and describes itself'() {
        equal<string>('up', (await server.getHealth()).data.status);
        equal<string>('ready', (await server.getReadiness()).data.status);
        equal('3.1.0', (await server.getOpenApiJson()).data['openapi']);
    },
};

async function main(): Promise<void> {
    for (const [name, example] of Object.entries(examples)) {
        try {
            await example();
            console.log(`passed: ${name}`);
        } catch (error) {
            console.error(`FAILED: ${name}`, error);
            process.exitCode = 1;
        }
    }
}

void main();
