import { join } from 'node:path';
import {
  countedSlices,
  loadObjectives,
  type Objectives,
  possibleSlices,
  slicesOf,
} from '../../../monitoring/index.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { parseDuration } from '../../../platform/lib/parse-duration.ts';
import { findRecord } from '../../../platform/registry/index.ts';
import type {
  FeedbackLine,
  LoggedPrediction,
  ModelRecord,
} from '../../../platform/schemas/index.ts';
import {
  type DriftState,
  judgeBins,
  type PropertyDrift,
  worstState,
} from '../../compare-with-profile.ts';
import type { ProjectContext } from '../../context.ts';
import {
  type AnswerCounts,
  type AnswerVerdicts,
  judgeAnswerMix,
  judgeAnswers,
} from '../../judge-answers.ts';
import { type Judged, judgeSlices, type SliceVerdict } from '../../judge-slices.ts';
import { openLabels, readFeedback } from '../read-feedback.ts';
import { type LogCoverage, readPredictionLog, type Window } from './read-log.ts';

/** What is read. */
export interface LogSource {
  /** The server's prediction log: `<predictions>/<model>/<day>-<n>.jsonl`. */
  readonly predictions: string;
  /** The server's feedback folder; without one nobody has said anything. */
  readonly feedback: string;
  /** Left out, so far back as the objectives look, until now. */
  readonly since?: number;
  /** The first digits of the run whose answers count; left out, the one that production names. */
  readonly run?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How a model's answers in a window compare with what it was measured on. */
export interface LogReport extends AnswerVerdicts {
  readonly project: string;
  /** The run whose answers and reference profile these are. */
  readonly run: string;
  /** ISO 8601 in UTC. */
  readonly since: string;
  readonly until: string;
  readonly state: DriftState;
  /** Answers of this run in the window. */
  readonly answers: number;
  /** Answers of other runs in the window, which do not count. */
  readonly otherRuns: Readonly<Record<string, number>>;
  /** Answers of this run without their properties: tensors, and lines of an earlier server. */
  readonly unmeasured: number;
  readonly log: LogCoverage;
  /** Lines of feedback that are not as the server writes them. */
  readonly damagedFeedback: number;
  readonly fewestInputs: number;
  /** Of the inputs, then the mix of answers. */
  readonly properties: readonly PropertyDrift[];
  /** Of what people said of this run's answers in the window. */
  readonly slices: readonly SliceVerdict[];
}

/**
 * Compares what one version of a model was sent and answered with its reference profile, by the rules that monitoring has in
 * PromQL, from the server's prediction log.
 *
 * @throws MainstemError MODEL_NOT_PROMOTED, MODEL_RUN_UNKNOWN, OBJECTIVES_INVALID, PREDICTIONS_MISSING, FILE_UNREADABLE
 */
export async function measureLog(context: ProjectContext, source: LogSource): Promise<LogReport> {
  const { name } = context.project.definition;
  const record = await findRecord(context.workspace.root, name, source.run);
  const objectives = await loadObjectives();
  const { now, since = now - (parseDuration(objectives.window) ?? 0) } = source;
  const window: Window = { since, until: now };
  const { lines, damaged } = await readFeedback(join(source.feedback, name));
  const tally = createTally(record, openLabels(lines));
  const folder = join(source.predictions, name);
  const log = await readPredictionLog(
    context.workspace,
    { folder, model: name, window },
    tally.add,
  );
  const counts = tally.counts();
  const { profile } = record.evaluation;
  const properties = [
    ...profile.bins.map((bins, place) =>
      judgeBins(profile, { bins, ...(counts.bins[place] ?? emptyBins) }, objectives),
    ),
    ...judgeAnswerMix(profile, counts, objectives),
  ];
  const verdicts = judgeAnswers(profile, counts, objectives);
  const slices = judgeLines(record, saidIn(lines, record.run, window), objectives);
  const worse = slices.filter(({ state }) => state === 'drift');
  const judged = [...properties, verdicts.refused, ...worse];
  return {
    ...{ project: name, run: record.run },
    ...{ since: new Date(since).toISOString(), until: new Date(now).toISOString() },
    state: worstState([...judged, ...[verdicts.confidence ?? [], verdicts.quality ?? []].flat()]),
    ...{ answers: counts.answered, otherRuns: counts.otherRuns, unmeasured: counts.unmeasured },
    ...{ log, damagedFeedback: damaged, fewestInputs: objectives.fewestInputs, properties },
    ...{ ...verdicts, slices },
  };
}

/** What people said of a run in a window. */
function saidIn(lines: readonly FeedbackLine[], run: string, { since, until }: Window) {
  const isIn = (at: number) => at >= since && at < until;
  // Of a version that was gone when it was corrected nobody knows what it had said.
  return lines.filter(
    ({ version, predicted, at }) => version === run && predicted !== '' && isIn(Date.parse(at)),
  );
}

/** Counts each line, as the server does when it writes one. */
function judgeLines(
  record: ModelRecord,
  lines: readonly FeedbackLine[],
  objectives: Objectives,
): SliceVerdict[] {
  const sorted = lines.map((line) => ({
    isRight: line.label === line.predicted,
    of: slicesOf(record, line.slices ?? {}, line.row),
  }));
  const countOf = (some: typeof sorted): Judged => {
    return { all: some.length, right: some.filter(({ isRight }) => isRight).length };
  };
  const counted = possibleSlices(record).map((one) => {
    const isOf = ({ slice, value }: typeof one) => slice === one.slice && value === one.value;
    return { ...one, ...countOf(sorted.filter(({ of }) => of.some(isOf))) };
  });
  return judgeSlices(counted, countOf(sorted), countedSlices(record), objectives);
}

const emptyBins = { counts: [], missing: 0 };

interface Tallied extends AnswerCounts {
  readonly otherRuns: Readonly<Record<string, number>>;
  readonly unmeasured: number;
  readonly bins: readonly { readonly counts: number[]; readonly missing: number }[];
}

/** Counts answers as the server's metrics do, those of one version. */
function createTally(
  { run, evaluation: { profile } }: ModelRecord,
  labels: ReturnType<typeof openLabels>,
) {
  const others = new Map<string, number>();
  const classes = new Map<string, number>();
  const bins = profile.bins.map(({ ratios }) => ({ counts: ratios.map(() => 0), missing: 0 }));
  const sums = { answered: 0, refused: 0, confidence: 0, unmeasured: 0 };
  const judged = { all: 0, wrong: 0, accepted: 0, right: 0 };

  const addLabel = (line: LoggedPrediction) => {
    const label = labels.take(line);
    if (label === undefined || line.class === null) return;
    const isRight = label === line.class;
    judged.all += 1;
    if (!isRight) judged.wrong += 1;
    if (!line.accepted) return;
    judged.accepted += 1;
    if (isRight) judged.right += 1;
  };
  const addBins = (found: LoggedPrediction['bins']) => {
    const isWhole = found?.length === bins.length;
    if (!isWhole || found.every((bin) => bin === null)) sums.unmeasured += 1;
    for (const [place, bin] of (isWhole ? found : []).entries()) {
      const into = bins[place];
      if (!into || bin === null) continue;
      if (bin < 0) into.missing += 1;
      else into.counts[bin] = (into.counts[bin] ?? 0) + 1;
    }
  };
  return {
    add(line: LoggedPrediction) {
      if (line.version !== run) {
        others.set(line.version, (others.get(line.version) ?? 0) + 1);
        return;
      }
      sums.answered += 1;
      addBins(line.bins);
      addLabel(line);
      if (!line.accepted) {
        sums.refused += 1;
        return;
      }
      if (line.class === null) return;
      classes.set(line.class, (classes.get(line.class) ?? 0) + 1);
      sums.confidence += ownValue(line.probabilities, line.class) ?? 0;
    },
    counts: (): Tallied => ({
      ...{ ...sums, bins, judged: { ...judged } },
      ...{ classes: Object.fromEntries(classes), otherRuns: Object.fromEntries(others) },
    }),
  };
}
