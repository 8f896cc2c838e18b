import { join } from 'node:path';
import { answerProperty, explainedByRefusals, loadObjectives } from '../../monitoring/index.ts';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { parseDuration } from '../../platform/lib/parse-duration.ts';
import { plural } from '../../platform/lib/plural.ts';
import { renderNumber, renderPercent } from '../../platform/lib/render-number.ts';
import { loadPromoted } from '../../platform/registry/index.ts';
import type { RetrainingPolicy } from '../../platform/schemas/define/index.ts';
import type { ProjectContext } from '../context.ts';
import type { RetrainCause } from './decide-retraining.ts';
import { type LogReport, measureLog } from './drift/measure-log.ts';
import { findCandidates } from './ingest/candidates.ts';
import { sortCandidate } from './ingest/sort-candidates.ts';
import { readFeedback } from './read-feedback.ts';

/** What a server of this project has written. */
export interface Evidence {
  /** Null where there is no prediction log, or no model whose answers it could hold. */
  readonly log: LogReport | null;
  /** Things that people labelled since the model that serves was made; null where no feedback is read. */
  readonly labels: number | null;
  /** Whether the project's `collect` may find new data. */
  readonly collects: boolean;
}

/** Where a server writes; '' for what is not there. */
export interface EvidenceFolders {
  readonly predictions: string;
  readonly feedback: string;
}

/**
 * Reads what speaks for a retraining: drift in the prediction log, and labels that came since. After an alert the log is read
 * as far back as the alert looked, else as far as corrections count.
 *
 * @throws MainstemError FILE_UNREADABLE, OBJECTIVES_INVALID
 */
export async function readEvidence(
  context: ProjectContext,
  cause: RetrainCause,
  { predictions, feedback }: EvidenceFolders,
  now: number,
): Promise<Evidence> {
  const { window, feedbackWindow } = await loadObjectives();
  const since = now - (parseDuration(cause === 'alert' ? window : feedbackWindow) ?? 0);
  const log =
    predictions === ''
      ? null
      : await measureLog(context, { predictions, feedback, since, now }).catch(nothingKept);
  const labels = feedback === '' ? null : await countLabels(context, feedback, now);
  return { log, labels, collects: context.project.definition.collect !== undefined };
}

function nothingKept(error: unknown): null {
  if (isMainstemError(error, 'PREDICTIONS_MISSING') || isMainstemError(error, 'MODEL_NOT_PROMOTED'))
    return null;
  throw error;
}

/** Things with one label that the project knows, since the model that serves was made. */
async function countLabels(
  { workspace, project }: ProjectContext,
  feedback: string,
  now: number,
): Promise<number> {
  const { name, classes = [], retraining, outOfDistribution } = project.definition;
  const promoted = await loadPromoted(workspace.root, name);
  const folder = join(feedback, name);
  const candidates = await findCandidates(folder, (await readFeedback(folder)).lines);
  const windowStart = now - (parseDuration(retraining.window) ?? 0);
  const since = Math.max(windowStart, Date.parse(promoted?.record.createdAt ?? '') || 0);
  const taken = { classes, since, takesOther: outOfDistribution !== undefined };
  return candidates.filter((one) => {
    const isKept = one.photo !== null || one.row !== null;
    return isKept && 'label' in sortCandidate(one, taken);
  }).length;
}

/** Whether to retrain, and why, in one or two sentences. */
export interface Weighed {
  readonly start: boolean;
  readonly reason: string;
}

/**
 * Decides by a project's policy what nobody decided in person. Drift is a reason where there is something to learn from: a
 * `collect`, or enough labels. Inputs that are rightly refused are no reason, however many. An alert that the log does not bear out
 * is not followed.
 *
 * @example
 * weighEvidence('alert', { log: null, labels: null, collects: true }, policy).start // true: nothing says otherwise
 */
export function weighEvidence(
  cause: RetrainCause,
  evidence: Evidence,
  { newLabels }: RetrainingPolicy,
): Weighed {
  const { log, labels, collects } = evidence;
  if (cause === 'person') return { start: true, reason: '' };
  const enough = (labels ?? 0) >= newLabels;
  const said = log ? describeDrift(log) : null;
  const few = labels === null ? 'no labels are kept' : `${labels} of ${newLabels} labels`;
  if (log && isFlood(log) && !enough) {
    const { hits, count } = log.refused;
    const reason = `Of ${plural(count, 'input')} ${renderPercent(hits / Math.max(count, 1))} are unlike the training data and were refused, which explains all that drifts. There is nothing to learn from them until people say what they are (${few}).`;
    return { start: false, reason };
  }
  if (enough) {
    const count = `${labels} things were labelled since the model was made (${newLabels} are a reason).`;
    return { start: true, reason: said ? `${said} ${count}` : count };
  }
  if (said) {
    if (collects) return { start: true, reason: said };
    return {
      start: false,
      reason: `${said} But there is nothing to learn from: it has no "collect", and ${few}.`,
    };
  }
  return withoutDrift(cause, evidence, few);
}

function withoutDrift(cause: RetrainCause, { log, collects }: Evidence, few: string): Weighed {
  if (cause === 'alert' && log?.state === 'ok') {
    const reason = `The prediction log does not bear the alert out: ${plural(log.answers, 'answer')} since ${log.since.slice(0, 16)}, all as the reference.`;
    return { start: false, reason };
  }
  if (!collects) {
    return { start: false, reason: `Nothing is known to drift, it has no "collect", and ${few}.` };
  }
  return { start: true, reason: 'Nothing speaks against it.' };
}

/** Many inputs that are refused and explain what drifts, while what is accepted is answered as ever. */
function isFlood({ refused, confidence, quality, properties }: LogReport): boolean {
  const mix = properties.find(({ property }) => property === answerProperty);
  const isWrong = [mix, confidence, quality].some((one) => one?.state === 'drift');
  const explained = explainedByRefusals * (refused.hits / Math.max(refused.count, 1));
  const isNew = properties.some(({ state, distance }) => state === 'drift' && distance > explained);
  return refused.state === 'drift' && !isWrong && !isNew;
}

/** What drifts, in a sentence; null where nothing does. */
function describeDrift({ properties, confidence, quality, answers }: LogReport): string | null {
  const drifting = properties
    .filter(({ state }) => state === 'drift')
    .sort((a, b) => b.index / b.noise - a.index / a.noise)
    .slice(0, 3)
    .map(({ property, index }) => `${property} (index ${renderNumber(index)})`);
  const parts = [
    drifting.length > 0 ? `drift of ${drifting.join(', ')}` : '',
    confidence?.state === 'drift'
      ? `an estimated accuracy of ${renderPercent(confidence.mean ?? 0)} where ${renderPercent(confidence.expected)} is expected`
      : '',
    quality?.state === 'drift'
      ? `at least ${renderPercent(quality.low)} of the answers said to be wrong`
      : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return null;
  return `Over ${plural(answers, 'answer')} there is ${parts.join(', and ')}.`;
}
