import type { CheckThresholds } from '../../platform/schemas/define/index.ts';
import type { Finding } from '../../platform/schemas/index.ts';

/** One thing that a check saw. */
export interface Observation {
  /** One sentence for a person. */
  readonly message: string;
  /** Where: file paths, rows, columns, classes. */
  readonly places: readonly string[];
}

/** One question asked of the data. Every check has this shape and a file of its own in `checks/`. */
export interface Check<Subject> {
  /** What its findings are called, for example `PHOTO_DARK`. */
  readonly code: string;
  /** Errors stop the run. */
  readonly severity: Finding['severity'];
  /** What it looks for, as a sentence for a page that lists all checks. */
  readonly finds: string;
  /** The threshold that a project may set, where there is one; `missing` is that of a table's column. */
  readonly threshold?: keyof CheckThresholds | 'missing';
  /** What to do about a finding. */
  readonly hint: string;
  /** Looks at the data and returns what is wrong; nothing if all is well. */
  readonly observe: (subject: Subject) => readonly Observation[];
}

const shownExamples = 5;

/**
 * Asks every check about one dataset.
 *
 * @param dataset what findings call it: its path. @returns findings in the order of the checks
 */
export function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  dataset: string,
): Finding[] {
  return checks.flatMap(({ code, severity, hint, observe }) =>
    observe(subject).map(({ message, places }) => ({
      code,
      severity,
      dataset,
      message,
      count: places.length,
      examples: places.slice(0, shownExamples),
      hint,
    })),
  );
}

/** An observation if there are places, none otherwise: what most checks end with. */
export function observed(places: readonly string[], message: string): readonly Observation[] {
  return places.length === 0 ? [] : [{ message, places }];
}

/** A count with its noun, for messages: `1 photo is`, `1,200 photos are`. */
export function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
