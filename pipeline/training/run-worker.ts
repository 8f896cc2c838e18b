import { type ChildProcess, fork } from 'node:child_process';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { BlobStore, TrainOutput } from '../../platform/schemas/index.ts';
import { describeFailure, failureError } from './failure.ts';
import type { FromWorker, ToWorker, TrainJob } from './messages.ts';
import { answerRequest } from './remote-store.ts';

/** How to run the training process. */
export interface WorkerOptions {
  /** Path of the program that the process runs. */
  readonly program: string;
  readonly store: BlobStore;
  /** Aborting kills the process; the checkpoint remains. */
  readonly signal: AbortSignal;
  /** Threads that it may compute on, unless the environment says how many; left out, as many as there are processors. */
  readonly threads?: number | undefined;
  /** Called for every message that reports progress. */
  readonly onMessage: (message: FromWorker) => void;
}

/**
 * Trains in a separate process, on the same version of Node.
 *
 * @throws whatever the process threw; MainstemError TRAINING_FAILED if it ended early; the signal's reason
 */
export async function runWorker(
  job: TrainJob<unknown>,
  options: WorkerOptions,
): Promise<TrainOutput> {
  const { program, store, signal, threads, onMessage } = options;
  signal.throwIfAborted();
  const child = fork(program, {
    execArgv: [],
    env: threads === undefined ? process.env : { MAINSTEM_THREADS: `${threads}`, ...process.env },
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
  // If the process has ended, its exit reports that, not the message it missed.
  if (child.connected) child.send(message, () => {});
}

function rejectAtEnd(
  child: ChildProcess,
  signal: AbortSignal,
  reject: (error: unknown) => void,
): void {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4_000);
  });
  child.on('error', reject);
  child.on('close', (code, by) => {
    if (signal.aborted) return reject(signal.reason);
    const last = stderr.trim().split('\n').at(-1);
    const reason = `its process ended with ${by ?? `exit code ${code}`}${last ? `: ${last}` : ''}`;
    reject(new MainstemError('TRAINING_FAILED', { reason, stderr }));
  });
}
