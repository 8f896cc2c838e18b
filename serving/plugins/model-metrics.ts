import type { FastifyBaseLogger } from 'fastify';
import {
  answerOutcomes,
  binNames,
  countedSlices,
  inferenceStages,
  missingBin,
  mostPairedClasses,
  possibleSlices,
  type RejectionReason,
  refusalReasons,
  rejectionReasons,
} from '../../monitoring/index.ts';
import { lookupStatuses } from '../../platform/features/index.ts';
import type { MainstemError } from '../../platform/lib/errors.ts';
import { otherLabel } from '../../platform/schemas/index.ts';
import { binOf } from '../../platform/transforms/index.ts';
import type { FeaturesReporter } from '../inference/features.ts';
import type { Role } from '../inference/lineup.ts';
import { labelsOf, type ServedModel } from '../inference/models.ts';
import type { Observer } from '../inference/predictor.ts';
import type { Instruments } from './instruments.ts';

/**
 * Shows which model serves and what its reference data looked like.
 *
 * @param now Unix time in seconds.
 */
export function showModel(
  instruments: Instruments,
  model: ServedModel,
  now: number,
  role: Role,
): void {
  const labels = labelsOf(model);
  const { record, pointer } = model;
  instruments.modelInfo.set(
    {
      ...labels,
      role,
      task: record.task,
      record: pointer.record,
      onnx: pointer.onnx,
      data: Object.values(record.data).join(' '),
      commit: record.commit ?? '',
    },
    1,
  );
  instruments.modelLoaded.set(labels, now);
  showReference(instruments, model);
  showFeatures(instruments, model);
}

function showReference(instruments: Instruments, model: ServedModel): void {
  const labels = labelsOf(model);
  const { profile } = model.record.evaluation;
  instruments.referenceSamples.set(labels, profile.samples);
  instruments.referenceRefused.set(labels, profile.refusedRatio);
  if (profile.accuracy !== null) instruments.referenceAccuracy.set(labels, profile.accuracy);
  if (profile.expectedAccuracy !== null) {
    instruments.referenceConfidence.set(labels, profile.expectedAccuracy);
  }
  for (const { slice, value, accuracy } of countedSlices(model.record))
    instruments.referenceSlices.set({ ...labels, slice, value }, accuracy);
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

/** Initialises every known counter of a version to 0: `increase()` misses the event with which a series first appears. */
export function initialiseCounters(instruments: Instruments, model: ServedModel): void {
  const labels = labelsOf(model);
  const { classes, evaluation } = model.record;
  for (const outcome of answerOutcomes) instruments.modelAnswers.inc({ ...labels, outcome }, 0);
  for (const stage of inferenceStages) instruments.stageDuration.zero({ ...labels, stage });
  instruments.confidence.zero(labels);
  for (const reason of refusalReasons) instruments.refused.inc({ ...labels, reason }, 0);
  for (const reason of rejectionReasons) instruments.rejected.inc({ ...labels, reason }, 0);
  for (const predicted of classes) {
    for (const accepted of ['true', 'false']) {
      instruments.predictions.inc({ ...labels, class: predicted, accepted }, 0);
    }
    for (const label of [...classes, otherLabel])
      countFeedback(instruments, model, { predicted, label }, 0);
  }
  for (const slice of possibleSlices(model.record)) {
    for (const correct of ['true', 'false'])
      instruments.sliceFeedback.inc({ ...labels, ...slice, correct }, 0);
  }
  for (const bins of evaluation.profile.bins) {
    // A category that is missing is one of its own; only a number can be in no bin.
    const more = bins.kind === 'number' ? [missingBin] : [];
    for (const bin of [...binNames(bins), ...more]) {
      instruments.inputBins.inc({ ...labels, property: bins.name, bin }, 0);
    }
  }
}

/** Counts what a person said of an answer. */
export function countFeedback(
  instruments: Instruments,
  model: ServedModel,
  { predicted, label }: { readonly predicted: string; readonly label: string },
  times = 1,
): void {
  const isPaired = model.record.classes.length <= mostPairedClasses;
  const pair = isPaired ? { predicted, label } : { predicted: '', label: '' };
  const correct = String(predicted === label);
  instruments.feedback.inc({ ...labelsOf(model), ...pair, correct }, times);
}

/** Shows that a version looks features up, before it is known in what. */
function showFeatures(instruments: Instruments, model: ServedModel): void {
  const labels = labelsOf(model);
  const { features } = model.record;
  if (!features) return;
  instruments.featureSnapshot.set(labels, 0);
  for (const view of Object.keys(features.views)) {
    instruments.featureNewest.set({ ...labels, view }, 0);
    for (const status of lookupStatuses)
      instruments.featureLookups.inc({ ...labels, view, status }, 0);
  }
}

/** Tells the log and the metrics about the snapshots that features are looked up in. */
export function createFeaturesReporter(
  instruments: Instruments,
  log: () => Pick<FastifyBaseLogger, 'info' | 'error'> | undefined,
): FeaturesReporter {
  return {
    opened: (model, { at }) =>
      log()?.info({ model: model.name, at: new Date(at).toISOString() }, 'features were read'),
    show(model, { at, views }) {
      const labels = labelsOf(model);
      instruments.featureSnapshot.set(labels, at / 1000);
      for (const { name: view, newestMs, freshnessMs } of views) {
        instruments.featureNewest.set({ ...labels, view }, (newestMs ?? 0) / 1000);
        if (freshnessMs !== null)
          instruments.featureFreshness.set({ ...labels, view }, freshnessMs / 1000);
      }
    },
    failed: (model, error) =>
      log()?.error({ model: model.name, err: error }, 'the snapshot of features cannot be used'),
  };
}

/** An observer that counts what the predictor does. */
export function createObserver(instruments: Instruments): Observer {
  return {
    stage: (model, stage, seconds) =>
      instruments.stageDuration.observe({ ...labelsOf(model), stage }, seconds),
    ended: (model, outcome) => instruments.modelAnswers.inc({ ...labelsOf(model), outcome }),
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
    lookedUp(model, features) {
      for (const [view, status] of Object.entries(features))
        if (status !== 'given')
          instruments.featureLookups.inc({ ...labelsOf(model), view, status });
    },
  };
}

/** Error code → why an input was rejected; other errors are not caused by the input. */
const rejections: Readonly<Record<string, RejectionReason>> = {
  IMAGE_UNREADABLE: 'unreadable',
  IMAGE_LINE: 'unreadable',
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
