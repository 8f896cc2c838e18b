import { canonicalJson } from '../../../platform/lib/canonical-json.ts';
import { plural } from '../../../platform/lib/plural.ts';
import type { Report } from '../../../platform/report/index.ts';
import type { ModelRecord, SweepTrial } from '../../../platform/schemas/index.ts';

/** What experiments on this machine left. */
export interface ExperimentEvidence {
  readonly record: ModelRecord | null;
  /** The report of the very model that serves; null if the last experiment was of another one. */
  readonly report: (Pick<Report, 'ranking' | 'attainable'> & { readonly run: string }) | null;
  /** The trials of each sweep of the project. */
  readonly sweeps: readonly (readonly SweepTrial[])[];
}

/** Whether each column is shown to help: when it is shuffled, or when the model is trained again without it. */
export function eachColumnHelps({ report }: ExperimentEvidence): string | null {
  const ranking = report?.ranking;
  if (!ranking) return null;
  const { columns, weak, dropped = [], examples } = ranking;
  const helps = (column: string) =>
    dropped.some((one) => one.columns.length === 1 && one.columns[0] === column && one.low > 0);
  const tried = weak?.columns ?? [];
  if (!tried.every(helps)) return null;
  const asked = `asked about ${plural(examples, 'validation example')}`;
  const again = tried.length > 0 ? `, trained again without ${tried.join(', ')}` : '';
  return `each of ${plural(columns.length, 'column')} is shown to help run ${report.run}, ${asked}${again}`;
}

const fewestTrials = 10;

/** A search of some length that tried the very values that serve. */
export function parametersWereTuned({ record, sweeps }: ExperimentEvidence): string | null {
  if (!record) return null;
  for (const trials of sweeps) {
    const complete = trials.filter(({ status }) => status === 'done');
    const tried = trials.filter(({ status }) => status !== 'failed').length;
    const chosen = complete.find(({ values }) => servesWith(record, values));
    if (!chosen || tried < fewestTrials) continue;
    const names = Object.keys(chosen.values).join(', ');
    return `a sweep tried ${tried} values of ${names}, among them those of run ${record.run}`;
  }
  return null;
}

/** @param values by dotted key */
function servesWith({ parameters }: ModelRecord, values: SweepTrial['values']): boolean {
  const entries = Object.entries(values);
  return entries.length > 0 && entries.every(([key, value]) => isEqual(at(parameters, key), value));
}

function at(parameters: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((within, name) => {
    const known = typeof within === 'object' && within !== null;
    return known ? new Map(Object.entries(within)).get(name) : undefined;
  }, parameters);
}

function isEqual(one: unknown, other: unknown): boolean {
  return one !== undefined && canonicalJson(one) === canonicalJson(other);
}

/** Whether the model is shown to be better than each linear one on the same validation examples. */
export function isBetterThanLinear({ report }: ExperimentEvidence): string | null {
  const attainable = report?.attainable;
  if (!attainable || attainable.linear.length === 0) return null;
  if (attainable.linear.some(({ high }) => high >= 0)) return null;
  const spaces = attainable.linear.map(({ space }) => space).join(', ');
  const asked = plural(attainable.examples, 'validation example');
  return `run ${report.run} is shown to be better than linear models of its ${spaces} on ${asked}`;
}
