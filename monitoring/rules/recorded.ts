/** A series that a recording rule writes. */
export interface Recorded {
  /** `mainstem:<what>:<how>`. */
  readonly name: `mainstem:${string}:${string}`;
  readonly labels: readonly string[];
  /** One sentence, with its unit. */
  readonly help: string;
}

const job = ['job'] as const;
const model = ['job', 'model', 'version'] as const;
const property = [...model, 'property'] as const;
const bin = [...property, 'bin'] as const;
const slice = [...model, 'slice', 'value'] as const;
const view = [...model, 'view'] as const;

/** The windows of burn rates: each longer one has a shorter one that says whether it still burns. */
export const burnWindows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
export type BurnWindow = (typeof burnWindows)[number];

/** Every recorded series but those of burn rates: dashboards and alerts name them by these keys. */
export const recorded = {
  answerRate: entry('answers:rate5m', job, 'Requests for an answer per second.'),
  failureRate: entry('answer_failures:rate5m', job, 'Answers that the server failed, per second.'),
  slowRate: entry('slow_answers:rate5m', job, 'Answers later than the objective, per second.'),
  availabilityLeft: entry(
    ...(['availability_budget_left:ratio', job] as const),
    'Share of the error budget of 30 days that is left; below 0 the objective is missed.',
  ),
  latencyLeft: entry(
    ...(['latency_budget_left:ratio', job] as const),
    'Share of the budget of slow answers of 30 days that is left.',
  ),
  median: entry('answer_seconds:p50', job, 'Seconds within which half of the answers come.'),
  p95: entry('answer_seconds:p95', job, 'Seconds within which 95 % of the answers come.'),
  p99: entry('answer_seconds:p99', job, 'Seconds within which 99 % of the answers come.'),

  serving: entry(
    ...(['serving:info', model] as const),
    'Always 1; the models and versions that are in production now.',
  ),
  predictions: entry(
    ...(['predictions:increase', [...model, 'class', 'accepted']] as const),
    'Inputs answered in the window, by class, and whether they were accepted.',
  ),
  answered: entry('model_answers:increase', model, 'Inputs answered in the window.'),
  accepted: entry('model_accepted:increase', model, 'Inputs accepted in the window.'),
  classShare: entry(
    ...(['class_per_accepted:ratio', [...model, 'class']] as const),
    'Share of each class in the accepted answers.',
  ),
  confidence: entry(
    'confidence:mean',
    model,
    'Mean calibrated confidence: the estimated accuracy.',
  ),
  confidenceNoise: entry(
    ...(['confidence:noise', model] as const),
    'How far the mean confidence falls below its reference by chance.',
  ),
  confidenceState: entry('confidence:state', model, '0 as expected, 1 too low, 2 too few inputs.'),
  refused: entry('refused:increase', model, 'Inputs refused in the window.'),
  refusedShare: entry('refused_per_answer:ratio', model, 'Share of inputs refused.'),
  refusedLow: entry(
    ...(['refused_per_answer:low', model] as const),
    'Lower bound of the share of inputs refused.',
  ),
  refusedState: entry('refused:state', model, '0 as expected, 1 too many, 2 too few inputs.'),
  wrong: entry('corrections:increase', model, 'Answers that people corrected.'),
  judged: entry('feedback:increase', model, 'Answers that people corrected or confirmed.'),
  answeredLong: entry(
    ...(['model_answers:increase_feedback', model] as const),
    'Inputs answered in the window of feedback.',
  ),
  wrongLow: entry(
    ...(['corrections_per_answer:low', model] as const),
    'Lower bound of the share of answers that people corrected: at least so many are wrong.',
  ),
  judgedAccuracy: entry(
    ...(['feedback_accuracy:ratio', model] as const),
    'Share right of the answers that people judged. People judge wrong ones more often.',
  ),
  judgedLow: entry('feedback_accuracy:low', model, 'Lower end of its 95 % interval.'),
  judgedHigh: entry('feedback_accuracy:high', model, 'Upper end of its 95 % interval.'),
  qualityState: entry('quality:state', model, '0 no proof of a fall, 1 a fall, 2 too few inputs.'),

  sliceWrong: entry(
    'slice_corrections:increase',
    slice,
    'Answers in a slice that people corrected.',
  ),
  sliceJudged: entry(
    ...(['slice_feedback:increase', slice] as const),
    'Answers in a slice that people corrected or confirmed.',
  ),
  sliceAccuracy: entry(
    ...(['slice_accuracy:ratio', slice] as const),
    'Share right of the answers in a slice that people judged.',
  ),
  sliceLow: entry(
    ...(['slice_accuracy:low', slice] as const),
    'Lower end of an interval that holds for all slices of a model together.',
  ),
  sliceHigh: entry('slice_accuracy:high', slice, 'Upper end of that interval.'),
  sliceExpected: entry(
    ...(['slice_accuracy:expected', slice] as const),
    'Accuracy of the slice on the test split, or of all answers that people judged where that is lower.',
  ),
  sliceState: entry(
    ...(['slice_accuracy:state', slice] as const),
    '0 no proof of a fall, 1 worse than expected, 2 too few answers were judged.',
  ),

  rejected: entry('rejected:increase', model, 'Inputs that could not be read, in the window.'),
  rejectedShare: entry(
    'rejected_per_input:ratio',
    model,
    'Share of inputs that could not be read.',
  ),
  rejectedLow: entry('rejected_per_input:low', model, 'Lower bound of that share.'),
  missing: entry('missing:increase', property, 'Inputs without this feature, in the window.'),
  missingShare: entry('missing_per_input:ratio', property, 'Share of inputs without this feature.'),
  missingLow: entry('missing_per_input:low', property, 'Lower bound of that share.'),

  lookups: entry('feature_lookups:increase', view, 'Rows whose features were looked up.'),
  notFound: entry('features_not_found:increase', view, 'Rows whose features were not found.'),
  notFoundShare: entry(
    ...(['features_not_found_per_lookup:ratio', view] as const),
    'Share of rows whose features were not found.',
  ),
  notFoundLow: entry('features_not_found_per_lookup:low', view, 'Lower bound of that share.'),
  featureAge: entry('feature_age:seconds', view, 'Seconds since the newest value of a view.'),

  inputBins: entry(
    'input_bins:increase',
    bin,
    'Inputs per bin in the window, missing ones left out.',
  ),
  inputs: entry('inputs:increase', property, 'Inputs in the window that have this property.'),
  bins: entry('reference_bins:count', property, 'Bins of the property.'),
  referenceCount: entry('reference:count', property, 'Reference examples that were binned.'),
  liveShare: entry('live_share:ratio', bin, 'Share of inputs per bin, with half an input more.'),
  expectedShare: entry(
    'reference_share:ratio',
    bin,
    'Share of the reference, with half an example more.',
  ),
  stability: entry('stability_index:sum', property, 'Population stability index.'),
  distance: entry(
    ...(['total_variation:sum', property] as const),
    'Total variation distance: about the least share of the inputs that are not as the reference.',
  ),
  tailRoot: entry(
    'false_alarm:root',
    model,
    'Square root of the logarithm of the chance of a false alarm.',
  ),
  tailQuantile: entry('false_alarm:quantile', model, 'Its quantile of the normal distribution.'),
  chiSquare: entry(
    'false_alarm:chi_square',
    property,
    'Its quantile of χ² with the bins of the property.',
  ),
  noise: entry('stability_index:noise', property, 'What the index reaches by chance.'),
  trial: entry(
    ...(['trial:info', [...model, 'role']] as const),
    'Always 1; the versions that are tried beside production, as canary or shadow.',
  ),
  trialCases: entry(
    ...(['trial_cases:increase', [...model, 'reason']] as const),
    'Failures, refusals and corrections of a version on trial, in its window.',
  ),
  trialInputs: entry(
    ...(['trial_inputs:increase', [...model, 'reason']] as const),
    'Out of how many: requests for failures, inputs for the others.',
  ),
  trialLow: entry(
    ...(['trial_cases_per_input:low', [...model, 'reason']] as const),
    'Lower bound of that share.',
  ),
  productionHigh: entry(
    ...(['production_cases_per_input:high', ['job', 'model', 'reason']] as const),
    'Upper bound of the same share of the version in production.',
  ),
  compared: entry(
    ...(['compared_answers:increase', model] as const),
    'Inputs that a version on trial and production both answered.',
  ),
  disagreed: entry('disagreed_answers:increase', model, 'Those that they answered differently.'),
  disagreedShare: entry('disagreed_per_compared:ratio', model, 'Their share.'),
  disagreedLow: entry('disagreed_per_compared:low', model, 'Lower bound of that share.'),
  answerSeconds: entry(
    ...(['model_answer_seconds:mean', model] as const),
    'Mean seconds of all stages of an answer, in the window of trials.',
  ),
  timedAnswers: entry(
    ...(['model_timed_answers:increase', model] as const),
    'Requests that this mean is of.',
  ),
  driftState: entry('drift:state', property, '0 as the reference, 1 drift, 2 too few inputs.'),
} as const satisfies Record<string, Recorded>;

/** Of all answers in a window, the share that the server failed. */
export function failureShare(window: BurnWindow): Recorded {
  return entry(`answer_failures_per_answer:ratio_rate${window}`, job, 'Share of failed answers.');
}

/** Of all answers in a window, the share that came too late. */
export function slowShare(window: BurnWindow): Recorded {
  return entry(`slow_answers_per_answer:ratio_rate${window}`, job, 'Share of late answers.');
}

function entry(name: `${string}:${string}`, labels: readonly string[], help: string): Recorded {
  return { name: `mainstem:${name}`, labels, help };
}
