import {
  binNames,
  inferenceStages,
  missingBin,
  type RejectionReason,
  refusalReasons,
  rejectionReasons,
} from '../../monitoring/index.ts';
import type { MainstemError } from '../../platform/lib/errors.ts';
import { otherLabel } from '../../platform/schemas/index.ts';
import { binOf } from '../../platform/transforms/index.ts';
import { labelsOf, type ServedModel } from '../inference/models.ts';
import type { Observer } from '../inference/predictor.ts';
import type { Instruments } from './instruments.ts';

/**
 * Exports which model serves and what its reference data looked like, and initialises every known counter to 0:
 * `increase()` misses the event with which a series first appears.
 *
 * @param now Unix time in seconds.
 */
export function exposeModel(instruments: Instruments, model: ServedModel, now: number): void {
  const labels = labelsOf(model);
  const { record, pointer } = model;
  instruments.modelInfo.set(
    {
      ...labels,
      task: record.task,
      record: pointer.record,
      onnx: pointer.onnx,
      data: Object.values(record.data).join(' '),
      commit: record.commit ?? '',
    },
    1,
  );
  instruments.modelLoaded.set(labels, now);
  exposeReference(instruments, model);
  initialiseCounters(instruments, model);
}

function exposeReference(instruments: Instruments, model: ServedModel): void {
  const labels = labelsOf(model);
  const { profile } = model.record.evaluation;
  instruments.referenceSamples.set(labels, profile.samples);
  instruments.referenceRefused.set(labels, profile.refusedRatio);
  if (profile.accuracy !== null) instruments.referenceAccuracy.set(labels, profile.accuracy);
  if (profile.expectedAccuracy !== null) {
    instruments.referenceConfidence.set(labels, profile.expectedAccuracy);
  }
  for (const [name, ratio] of Object.entries(profile.classRatios)) {
    instruments.referenceClasses.set({ ...labels, class: name }, ratio);
  }
  for (const bins of profile.bins) {
    binNames(bins).forEach((bin, index) => {
      const ratio = bins.ratios[index] ?? 0;
      instruments.referenceBins.set({ ...labels, property: bins.name, bin }, ratio);
    });
  }
}

function initialiseCounters(instruments: Instruments, model: ServedModel): void {
  const labels = labelsOf(model);
  const { classes, evaluation } = model.record;
  for (const stage of inferenceStages) instruments.stageDuration.zero({ ...labels, stage });
  instruments.confidence.zero(labels);
  for (const reason of refusalReasons) instruments.refused.inc({ ...labels, reason }, 0);
  for (const reason of rejectionReasons) instruments.rejected.inc({ ...labels, reason }, 0);
  for (const predicted of classes) {
    for (const accepted of ['true', 'false']) {
      instruments.predictions.inc({ ...labels, class: predicted, accepted }, 0);
    }
    for (const label of [...classes, otherLabel]) {
      const correct = String(label === predicted);
      instruments.feedback.inc({ ...labels, predicted, label, correct }, 0);
    }
  }
  for (const bins of evaluation.profile.bins) {
    // A category that is missing is one of its own; only a number can be in no bin.
    const more = bins.kind === 'number' ? [missingBin] : [];
    for (const bin of [...binNames(bins), ...more]) {
      instruments.inputBins.inc({ ...labels, property: bins.name, bin }, 0);
    }
  }
}

/** An observer that counts what the predictor does. */
export function createObserver(instruments: Instruments): Observer {
  return {
    stage: (model, stage, seconds) =>
      instruments.stageDuration.observe({ ...labelsOf(model), stage }, seconds),
    answered: (model, { predicted, probabilities, accepted }, properties) => {
      const labels = labelsOf(model);
      const { classes, task, evaluation } = model.record;
      const name = task === 'tabular-regression' ? 'value' : predicted;
      instruments.predictions.inc({ ...labels, class: name, accepted: String(accepted) });
      if (!accepted) instruments.refused.inc({ ...labels, reason: 'out-of-distribution' });
      const confidence = probabilities[classes.indexOf(predicted)];
      if (accepted && confidence !== undefined) instruments.confidence.observe(labels, confidence);
      for (const bins of evaluation.profile.bins) {
        const value = properties[bins.name];
        if (value === undefined) continue;
        const index = binOf(bins, value);
        const bin = index === null ? missingBin : (binNames(bins)[index] ?? missingBin);
        instruments.inputBins.inc({ ...labels, property: bins.name, bin });
      }
    },
  };
}

/** Error code → why an input was rejected; other errors are not caused by the input. */
const rejections: Readonly<Record<string, RejectionReason>> = {
  IMAGE_UNREADABLE: 'unreadable',
  IMAGE_TOO_LARGE: 'pixels',
  IMAGE_TOO_SLOW: 'pixels',
  REQUEST_TOO_LARGE: 'bytes',
  REQUEST_TOO_MANY: 'files',
  REQUEST_TYPE: 'type',
  REQUEST_ENCODING: 'type',
  REQUEST_INVALID: 'schema',
  ROW_INVALID: 'schema',
  TABLE_VALUE_INVALID: 'schema',
};

/** Counts an input that a model's request was rejected for; errors that the input did not cause are not counted. */
export function countRejection(
  instruments: Instruments,
  model: ServedModel | undefined,
  { code }: MainstemError,
): void {
  const reason = rejections[code];
  if (reason && model) instruments.rejected.inc({ ...labelsOf(model), reason });
}
