// Drives a running server with the client that is generated from openapi.yaml.
// Needs a worker for sum_of_squares. Usage: node drive.js <url of the server>

import {
    Configuration,
    ProblemCode,
    ProblemFromJSON,
    ResponseError,
    ResultNumbers,
    ServerApi,
    TasksApi,
    TaskState,
    type Problem,
    type TaskSubmission,
} from './fetch';

declare const process: { argv: string[]; exitCode: number };

const configuration = new Configuration({ basePath: process.argv[2] });
const tasks = new TasksApi(configuration);
const server = new ServerApi(configuration);

const WAIT_SECONDS = 30;
const SQUARES: TaskSubmission = {
    type: 'sum_of_squares',
    params: { start: 1, end: 1_000_000 },
    subtasks: 10,
};
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
        if (error instanceof ResponseError) {
            equal<string | null>('application/problem+json', error.response.headers.get('Content-Type'));
            return ProblemFromJSON(await error.response.json());
        }
        throw error;
    }
    throw new Error('expected a problem, and the request was answered');
}

const examples: Record<string, () => Promise<void>> = {
    async 'the sum of squares is exact as a string'() {
        const task = await tasks.submitTask({
            taskSubmission: SQUARES,
            wait: WAIT_SECONDS,
            numbers: ResultNumbers.String,
        });
        equal<string>(TaskState.Completed, task.state);
        equal(10, task.progress.done);
        equal('333333833333500000', task.result);
        equal(ANSWER, BigInt(task.result));

        const asked = await tasks.getTask({ id: task.id, numbers: ResultNumbers.String });
        equal(ANSWER, BigInt(asked.result));
        const result = await tasks.getTaskResult({ id: task.id, numbers: ResultNumbers.String });
        equal(ANSWER, BigInt(result));
    },

    async 'as a number it is another one'() {
        const task = await tasks.submitTask({ taskSubmission: SQUARES, wait: WAIT_SECONDS });
        equal('number', typeof task.result);
        equal(false, BigInt(task.result) === ANSWER);
    },

    async 'a task is accepted now and asked for later'() {
        const accepted = await tasks.submitTaskRaw({ taskSubmission: SQUARES });
        equal(202, accepted.raw.status);
        const { id, submittedAt } = await accepted.value();
        equal(true, submittedAt instanceof Date);
        const task = await tasks.getTask({ id, wait: WAIT_SECONDS });
        equal<string>(TaskState.Completed, task.state);
        equal(null, task.error);
    },

    async 'the same key gives the same task'() {
        const request = { taskSubmission: SQUARES, idempotencyKey: 'typescript' };
        const first = await tasks.submitTask(request);
        const second = await tasks.submitTask(request);
        equal(first.id, second.id);
    },

    async 'tasks are listed page by page, the newest first'() {
        const labelled = { ...SQUARES, labels: { 'made by': 'typescript' } };
        const ids: string[] = [];
        for (let i = 0; i < 3; i++) {
            ids.unshift((await tasks.submitTask({ taskSubmission: labelled, wait: WAIT_SECONDS })).id);
        }
        const listed: string[] = [];
        let cursor: string | undefined;
        do {
            const page = await tasks.listTasks({
                state: TaskState.Completed,
                label: ['made by=typescript'],
                limit: 2,
                cursor,
                numbers: ResultNumbers.String,
            });
            for (const task of page.items) {
                equal(ANSWER, BigInt(task.result));
                listed.push(task.id);
            }
            cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        equal(ids.join(), listed.join());
    },

    async 'a task is cancelled'() {
        const endless = { ...SQUARES, params: { start: 1, end: 1_000_000_000 }, subtasks: 1_000_000_000 };
        const { id } = await tasks.submitTask({ taskSubmission: endless });
        const cancelled = await tasks.cancelTask({ id });
        equal<string>(TaskState.Cancelled, cancelled.state);
        const problem = await problemOf(tasks.getTaskResult({ id }));
        equal(409, problem.status);
        equal<string>(ProblemCode.Conflict, problem.code);
    },

    async 'a task is changed'() {
        const endless = { ...SQUARES, params: { start: 1, end: 1_000_000_000 }, subtasks: 1_000_000_000 };
        const { id } = await tasks.submitTask({ taskSubmission: endless });
        const changed = await tasks.patchTask({ id, taskPatch: { priority: 7, labels: { team: 'b' } } });
        equal(7, changed.priority);
        const again = await tasks.patchTask({ id, taskPatch: { priority: 8 } });
        equal('b', again.labels['team']);
        await tasks.cancelTask({ id });
    },

    async 'a task is run again'() {
        const first = await tasks.submitTask({ taskSubmission: SQUARES, wait: WAIT_SECONDS });
        const again = await tasks.rerunTask({ id: first.id, wait: WAIT_SECONDS });
        equal(false, first.id === again.id);
        equal<string>(TaskState.Completed, again.state);
    },

    async 'what is refused is a problem with its detail'() {
        const noSuchTask = await problemOf(tasks.getTask({ id: 'no-such-task' }));
        equal(404, noSuchTask.status);
        equal<string>(ProblemCode.NotFound, noSuchTask.code);
        equal(true, noSuchTask.detail.includes('"no-such-task"'));

        const backwards = { ...SQUARES, params: { start: 2, end: 1 } };
        const invalid = await problemOf(tasks.submitTask({ taskSubmission: backwards }));
        equal(422, invalid.status);
        equal<string>(ProblemCode.InvalidTask, invalid.code);
        equal(true, invalid.detail.includes('params.end'));
    },

    async 'the server is up and ready and describes itself'() {
        equal('up', (await server.getHealth()).status);
        equal('ready', (await server.getReadiness()).status);
        equal(true, (await (await server.getOpenApi()).text()).startsWith('openapi: 3.1.0'));
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
