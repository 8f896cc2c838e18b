import type { Progress, Reporter } from '../../platform/lib/reporter.ts';
import type { Epoch, TrainOutput } from '../../platform/schemas/index.ts';
import type { FromWorker } from './messages.ts';

/** How a training log describes progress. */
export interface LogOptions {
  /** Most epochs, or rounds, that may run. */
  readonly epochs: number;
  /** What the rows are, for example `images`. */
  readonly unit: string;
  /** Name of the metric, for example `accuracy`. */
  readonly metric: string;
  /** What a step of training is called, and what is kept of the best one. */
  readonly step: 'epoch' | 'round';
  readonly kept: 'weights' | 'trees';
}

/** Reports the progress of training to a person. */
export interface TrainingLog {
  /** Takes a message from the training process. */
  onMessage(message: FromWorker): void;
  /** Ends the log. @param output null if training failed. */
  end(output: TrainOutput | null): void;
}

/** Short epochs share a line. */
const lineMs = 1_000;

/** Creates a log: one line per epoch (at most one a second, always the last), a progress display in long epochs. */
export function createTrainingLog(reporter: Reporter, options: LogOptions): TrainingLog {
  let rows = 0;
  let progress: Progress | null = null;
  let printed = 0;
  let unprinted: string | null = null;
  const finish = () => {
    progress?.end();
    progress = null;
  };
  return {
    onMessage(message) {
      if (message.type === 'begin') {
        rows = message.rows;
        if (message.resumedAfter > 0) {
          reporter.info(
            `Continuing after ${options.step} ${message.resumedAfter}, where it was interrupted`,
          );
        }
      } else if (message.type === 'warning') {
        reporter.warn(message.message);
      } else if (message.type === 'rows') {
        progress ??= reporter.progress('Training', rows, options.unit);
        progress.update(message.rows);
      } else if (message.type === 'epoch') {
        finish();
        unprinted = renderEpoch(message.epoch, rows / message.seconds, message.seconds, options);
        if (Date.now() - printed < lineMs) return;
        reporter.info(unprinted);
        unprinted = null;
        printed = Date.now();
      }
    },
    end(output) {
      finish();
      if (unprinted !== null) reporter.info(unprinted);
      if (output) reporter.info(renderResult(output, options));
    },
  };
}

function renderResult(
  { epochs, bestEpoch, stopped }: TrainOutput,
  { step, kept }: LogOptions,
): string {
  const why = stopped === 'early' ? ', stopped early' : '';
  return `Keeping the ${kept} of ${step} ${bestEpoch} of ${epochs.at(-1)?.epoch ?? 0}${why}`;
}

function renderEpoch(
  epoch: Epoch,
  rate: number,
  seconds: number,
  { epochs, unit, metric, step }: LogOptions,
): string {
  const left = Math.ceil((epochs - epoch.epoch) * seconds);
  const pair = (train: number, validation: number) =>
    `${train.toPrecision(3)} (validation ${validation.toPrecision(3)})`;
  return [
    `${step} ${epoch.epoch}/${epochs}`,
    `loss ${pair(epoch.trainLoss, epoch.validationLoss)}`,
    `${metric} ${pair(epoch.trainMetric, epoch.validationMetric)}`,
    `${Math.round(rate)} ${unit}/s`,
    `at most ${left} s left`,
  ].join(' · ');
}
