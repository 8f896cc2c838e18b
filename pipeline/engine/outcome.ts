import { isMainstemError } from '../../platform/lib/errors.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import type { StageRecord } from '../../platform/schemas/index.ts';

/** What happened to a stage, or with `dryRun` what would happen. */
export type StageAction =
  /** It already had a result. */
  | 'reused'
  | 'ran'
  | 'failed'
  /** Something it needs failed, or `to` left it out. */
  | 'skipped'
  /** Dry run: it would run. */
  | 'planned'
  /** Dry run: it would run if the stages it depends on change their outputs. */
  | 'unknown';

/** The outcome of a stage, for people and for JSON. */
export interface StageSummary {
  readonly stage: string;
  readonly action: StageAction;
  /** Null if it depends on outputs that do not exist yet. */
  readonly key: Digest | null;
  /** Why it ran, is skipped, or would run: `params.learningRate 0.001 → 0.002`. Empty if reused. */
  readonly reasons: readonly string[];
  /** How long the run took that made the result; 0 if there is none. */
  readonly seconds: number;
  readonly startedAt: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** The outcome of a job in a flow. */
export interface JobOutcome {
  readonly summary: StageSummary;
  /** What a failed stage threw. */
  readonly error?: unknown;
}

/** The outcome of a stage that did not fail. */
export function outcome(
  stage: string,
  facts: Partial<StageSummary> & Pick<StageSummary, 'action'>,
): JobOutcome {
  const { action, key = null, reasons = [], seconds = 0, startedAt = null } = facts;
  return { summary: { stage, action, key, reasons, seconds, startedAt, error: null } };
}

/** The outcome of a stage whose result is in a record. */
export function recordOutcome(
  stage: string,
  action: 'reused' | 'ran',
  { key, seconds, startedAt }: StageRecord,
  reasons: readonly string[] = [],
): JobOutcome {
  return outcome(stage, { action, key, reasons, seconds, startedAt });
}

/** The outcome of a stage that failed. */
export function failedOutcome(stage: string, error: unknown): JobOutcome {
  const facts = errorFacts(error);
  const { summary } = outcome(stage, { action: 'failed', reasons: [facts.message] });
  return { summary: { ...summary, error: facts }, error };
}

/** The part of an error that a record keeps. */
export function errorFacts(error: unknown): { code: string; message: string } {
  if (isMainstemError(error)) return { code: error.code, message: error.message };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}
