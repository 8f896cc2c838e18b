import type { CheckThresholds } from '../../platform/schemas/define/index.ts';
import type { Finding } from '../../platform/schemas/index.ts';

/** One problem that a check found. */
export interface Observation {
  /** One sentence for a person. */
  readonly message: string;
  /** Where: file paths, rows, columns, classes. */
  readonly places: readonly string[];
}

/** A check of the data. Each has this shape and a file of its own in `checks/`. */
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
 * Runs every check on one dataset.
 *
 * @param dataset the path by which findings name it. @returns findings in the order of the checks
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

/**
 * One observation if there are places, otherwise none.
 *
 * @example observed(['good/1.jpg'], '1 photo is dark.') // [{ message: '1 photo is dark.', places: ['good/1.jpg'] }]
 * @example observed([], '0 photos are dark.') // []
 */
export function observed(places: readonly string[], message: string): readonly Observation[] {
  return places.length === 0 ? [] : [{ message, places }];
}

/**
 * A count with its noun and verb, for messages.
 *
 * @example counted(1, 'photo is', 'photos are') // '1 photo is'
 * @example counted(1200, 'photo is', 'photos are') // '1,200 photos are'
 */
export function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

const shownInPlace = 4;

/**
 * A few things of one place, so that a line stays a line however many there are.
 *
 * @example listFew(['row 1', 'row 2'], ' = ') // 'row 1 = row 2'
 */
export function listFew(things: readonly string[], between: string): string {
  const more = things.length - shownInPlace;
  const shown = things.slice(0, shownInPlace).join(between);
  return more > 0 ? `${shown}${between}${more.toLocaleString('en')} more` : shown;
}

/**
 * The same things with one of each kind first, so that a list of a few of them has all kinds.
 *
 * @example eachFirst(['a1', 'a2', 'b1'], (name) => name.charAt(0)) // ['a1', 'b1', 'a2']
 */
export function eachFirst<Thing>(
  things: readonly Thing[],
  kindOf: (thing: Thing) => string,
): Thing[] {
  const groups = [...Map.groupBy(things, kindOf).values()];
  return [
    ...groups.flatMap((some) => some.slice(0, 1)),
    ...groups.flatMap((some) => some.slice(1)),
  ];
}
