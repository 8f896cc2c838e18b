import type { Progress, Reporter } from '../../platform/lib/reporter.ts';
import type { Epoch, TrainOutput } from '../../platform/schemas/index.ts';
import type { FromWorker } from './messages.ts';

export interface LogOptions {
  /** At most. */
  readonly epochs: number;
  /** What a row is. */
  readonly unit: string;
  readonly metric: string;
}

/** Tells a person how training goes. */
export interface TrainingLog {
  note(message: FromWorker): void;
  /** @param output null where training failed. */
  end(output: TrainOutput | null): void;
}

/** Short epochs share a line. */
const lineMs = 1_000;

/** A line an epoch (at most one a second, the last always), and within a long epoch a progress display. */
export function createTrainingLog(reporter: Reporter, options: LogOptions): TrainingLog {
  let rows = 0;
  let progress: Progress | null = null;
  let printed = 0;
  let unsaid: string | null = null;
  const finish = () => {
    progress?.end();
    progress = null;
  };
  return {
    note(message) {
      if (message.type === 'begin') {
        rows = message.rows;
        if (message.resumedAfter > 0) {
          reporter.info(`Continuing after epoch ${message.resumedAfter}, where it was interrupted`);
        }
      } else if (message.type === 'rows') {
        progress ??= reporter.progress('Training', rows, options.unit);
        progress.update(message.rows);
      } else if (message.type === 'epoch') {
        finish();
        unsaid = epochLine(message.epoch, rows / message.seconds, message.seconds, options);
        if (Date.now() - printed < lineMs) return;
        reporter.info(unsaid);
        unsaid = null;
        printed = Date.now();
      }
    },
    end(output) {
      finish();
      if (unsaid !== null) reporter.info(unsaid);
      if (output) reporter.info(keptLine(output));
    },
  };
}

function keptLine({ epochs, bestEpoch, stopped }: TrainOutput): string {
  const why = stopped === 'early' ? ', stopped early' : '';
  return `Keeping the weights of epoch ${bestEpoch} of ${epochs.length}${why}`;
}

function epochLine(
  epoch: Epoch,
  rate: number,
  seconds: number,
  { epochs, unit, metric }: LogOptions,
): string {
  const left = Math.ceil((epochs - epoch.epoch) * seconds);
  const pair = (train: number, validation: number) =>
    `${train.toPrecision(3)} (validation ${validation.toPrecision(3)})`;
  return [
    `epoch ${epoch.epoch}/${epochs}`,
    `loss ${pair(epoch.trainLoss, epoch.validationLoss)}`,
    `${metric} ${pair(epoch.trainMetric, epoch.validationMetric)}`,
    `${Math.round(rate)} ${unit}/s`,
    `at most ${left} s left`,
  ].join(' · ');
}
