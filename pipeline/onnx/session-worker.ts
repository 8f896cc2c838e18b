// Runs a network in a thread of its own, for spread-session.ts.
import { workerData } from 'node:worker_threads';
import { answerTasks } from '../../platform/lib/threads.ts';
import { type NetworkFile, openSession } from './open-session.ts';
import type { SessionRun } from './spread-session.ts';

const { onnx, shape }: NetworkFile = workerData;
const opening = openSession(onnx, shape);

answerTasks(async ({ values, rows }: SessionRun) => (await opening).run(values, rows));
