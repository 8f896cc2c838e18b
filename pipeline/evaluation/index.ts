export type { Comparison } from '../../platform/schemas/index.ts';
export { type AnalysisInputs, analyseErrors } from './analysis/analyse-errors.ts';
export { labelSuspects, mostKept as mostSuspects } from './analysis/label-suspects.ts';
export type { Answer } from './answer.ts';
export type { ValidationInputs } from './answer-validation.ts';
export { comparePredictions } from './compare-predictions.ts';
export type { SlicedColumns } from './compare-slices.ts';
export { compareValidation, type ValidationComparison } from './compare-validation.ts';
export type { EvaluateInputs } from './evaluate.ts';
export {
  type AnswerQuality,
  type JudgedAnswers,
  type MeasuringRules,
  measureAnswers,
} from './measure-answers.ts';
export { type LinearAnswers, measureAttainable } from './measure-attainable.ts';
export { measureAttainableNumbers } from './measure-attainable-numbers.ts';
export { measureCertainty } from './measure-certainty.ts';
export { comparedColumns, presentCell } from './measure-quantities.ts';
export { type MeasuredSeed, measureSeed, spreadSeeds } from './measure-seeds.ts';
export { measureValidationIntervals } from './measure-validation-intervals.ts';
export { metricIntervals } from './metric-intervals.ts';
export { measureRefusal } from './outliers/index.ts';
export type { RecognisedExamples } from './pair-predictions.ts';
export { compareWithout, seedDeviationOf } from './ranking/compare-without.ts';
export { lossesOf } from './ranking/loss-of.ts';
export { rankColumns } from './ranking/rank-columns.ts';
export { readPredictions } from './read-predictions.ts';
export { describeSeedNoise } from './seed-noise.ts';
export { sliceResults } from './slice-results.ts';
export { evaluateStage } from './stage.ts';
export { toAnswers } from './to-answers.ts';
export { evaluateTreesStage } from './trees-stage.ts';
export { validationStage } from './validation-stage.ts';
export { validationTreesStage } from './validation-trees-stage.ts';
export { writePredictions } from './write-predictions.ts';
