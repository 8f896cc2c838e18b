import { type ChildProcess, fork } from 'node:child_process';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { BlobStore, TrainOutput } from '../../platform/schemas/index.ts';
import { describeFailure, failureError } from './failure.ts';
import type { FromWorker, ToWorker, TrainJob } from './messages.ts';
import { answerRequest } from './remote-store.ts';

/** The program of the training process. */
export const workerPath = `${import.meta.dirname}/worker.ts`;

export interface WorkerOptions {
  readonly store: BlobStore;
  /** Kills the process; what its checkpoint holds is not lost. */
  readonly signal: AbortSignal;
  readonly onMessage: (message: FromWorker) => void;
}

/**
 * Trains in a process of its own, on this Node.
 *
 * @throws what the process threw; TRAINING_FAILED if it ended by itself; the signal's reason
 */
export async function runWorker(job: TrainJob, options: WorkerOptions): Promise<TrainOutput> {
  const { store, signal, onMessage } = options;
  signal.throwIfAborted();
  const child = fork(workerPath, {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  try {
    return await new Promise<TrainOutput>((resolve, reject) => {
      rejectAtEnd(child, signal, reject);
      child.on('message', (message: FromWorker) => {
        if (message.type === 'done') resolve(message.output);
        else if (message.type === 'failed') reject(failureError(message.failure));
        else if (message.type === 'get' || message.type === 'put') answer(child, store, message);
        else onMessage(message);
      });
      send(child, { type: 'start', job });
    });
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

function answer(
  child: ChildProcess,
  store: BlobStore,
  request: Extract<FromWorker, { type: 'get' | 'put' }>,
): void {
  answerRequest(store, request).then(
    (reply) => send(child, reply),
    (error) => send(child, { type: 'refused', id: request.id, failure: describeFailure(error) }),
  );
}

function send(child: ChildProcess, message: ToWorker): void {
  // A process that has ended is reported by its exit, not by the message that it missed.
  if (child.connected) child.send(message, () => {});
}

function rejectAtEnd(
  child: ChildProcess,
  signal: AbortSignal,
  reject: (error: unknown) => void,
): void {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  child.on('error', reject);
  child.on('close', (code, by) => {
    if (signal.aborted) return reject(signal.reason);
    const last = said.trim().split('\n').at(-1);
    const reason = `its process ended with ${by ?? `exit code ${code}`}${last ? `: ${last}` : ''}`;
    reject(new MainstemError('TRAINING_FAILED', { reason, stderr: said }));
  });
}
