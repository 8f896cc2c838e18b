import type { BlobStore, TrainOutput } from '../../platform/schemas/index.ts';
import { describeFailure } from './failure.ts';
import type { FromWorker, ToWorker, TrainInputs, TrainJob } from './messages.ts';
import { createRemoteStore } from './remote-store.ts';

/** What a training process has of the process that started it. */
export interface TrainingProcess {
  readonly store: BlobStore;
  readonly send: (message: FromWorker) => void;
}

/** Makes this process train what it is sent: one job, with its result or its failure as the answer. */
export function serveJob<Parameters, Inputs = TrainInputs>(
  train: (job: TrainJob<Parameters, Inputs>, process: TrainingProcess) => Promise<TrainOutput>,
): void {
  const send = (message: FromWorker) => process.send?.(message);
  const onMessage = (listener: (message: ToWorker) => void) => process.on('message', listener);
  process.on('warning', ({ name, message }) => {
    if (name === 'MainstemWarning') send({ type: 'warning', message });
  });
  // The parent is gone: nobody needs the result.
  process.on('disconnect', () => process.exit(1));
  const store = createRemoteStore({ send, onMessage });
  onMessage((message) => {
    if (message.type !== 'start') return;
    // The stage that starts a program checks the parameters that the program is made for.
    train(message.job as TrainJob<Parameters, Inputs>, { store, send }).then(
      (output) => send({ type: 'done', output }),
      (error) => send({ type: 'failed', failure: describeFailure(error) }),
    );
  });
}
