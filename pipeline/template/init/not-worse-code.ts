import { type accuracy, mae } from '../../../platform/quality/index.ts';
import { comment, quote } from './code.ts';
import { splitFractions } from './plan.ts';

type Unit = 'photo' | 'row';

/** The metric by which a new project's models are compared. */
type ComparedBy = typeof accuracy.name | typeof mae.name;

const smallestMargin = 0.02;

/** What is known beforehand of the differences between two models that are equally good. */
interface Expected {
  /** The largest margin that still says something; a test split that cannot show it gets no gate. */
  readonly largestMargin: number;
  /** The margin of each slice, of which a model fails only what is shown. */
  readonly sliceMargin: number;
  /** The standard error of their difference on so many test examples. */
  readonly error: (tested: number) => number;
}

const expected: Readonly<Record<ComparedBy, Expected>> = {
  // They answer about a tenth of the examples differently. One flip of each kind more, since some intervals are wider by chance.
  accuracy: {
    largestMargin: 0.1,
    sliceMargin: 0.05,
    error: (tested) => Math.sqrt(0.1 * tested + 2) / (tested + 2),
  },
  // The differences of their absolute errors spread like three quarters of the mean error: networks of other seeds and
  // trees of a tenth fewer rows had 0.24 to 1.03 on four kinds of data.
  mae: {
    largestMargin: 0.2,
    sliceMargin: 0.1,
    error: (tested) => 0.75 / Math.sqrt(tested),
  },
};

/**
 * The difference's interval is 1.96 standard errors wide on either side; 1.64 more, and it lies above the margin for 19
 * of 20 models that are as good as their champion.
 */
const standardErrors = 1.96 + 1.64;

/**
 * By how much a model may be worse than its champion: so much that one that is as good passes about 19 times out of 20.
 * Null where the test split is too small for the largest margin that says something.
 *
 * @example defaultMargin('accuracy', 1000) // 0.1
 * @example defaultMargin('mae', 10_000) // 0.07
 * @example defaultMargin('mae', 100) // null
 */
export function defaultMargin(metric: ComparedBy, examples: number): number | null {
  const { largestMargin, error } = expected[metric];
  const tested = Math.max(1, examples * splitFractions(examples)[2]);
  const margin = Math.ceil(100 * standardErrors * error(tested)) / 100;
  return margin > largestMargin ? null : Math.max(smallestMargin, margin);
}

/** The gate that compares with the model that serves, as lines of project.ts. */
export function notWorseCode(metric: ComparedBy, examples: number, unit: Unit): string {
  const margin = defaultMargin(metric, examples);
  if (margin === null) {
    return comment(
      4,
      `With ${neededExamples(metric)} ${unit}s or more, add how much worse than the model that serves a new one may be; with`,
      'fewer it would stop models that are as good, for the test is too small to show it.',
      gateCode(metric, expected[metric].largestMargin),
    );
  }
  const share = metric === mae.name ? ', as a share of its error' : '';
  return [
    comment(
      4,
      `How much worse than the model that serves${share}; a smaller margin needs more test ${unit}s.`,
    ),
    `    ${gateCode(metric, margin)}`,
  ].join('\n');
}

/** The gate that compares each slice with the model that serves, as lines of project.ts; none without slices. */
export function sliceNotWorseCode(metric: ComparedBy, columns: readonly string[]): string[] {
  if (columns.length === 0) return [];
  return [
    comment(4, 'No slice may be shown to have become worse by more than this.'),
    `    { slices: ${quote(metric)}, notWorseBy: ${expected[metric].sliceMargin} },`,
  ];
}

function gateCode(metric: ComparedBy, margin: number): string {
  return `{ metric: ${quote(metric)}, notWorseBy: ${margin} },`;
}

/** What `init` says where it left the gate off. */
export function notWorseNotes(metric: ComparedBy, examples: number, unit: Unit): string[] {
  if (defaultMargin(metric, examples) !== null) return [];
  return [
    `No gate says how much worse than the model that serves a new one may be: that needs about ${neededExamples(metric)} ${unit}s (see gates in project.ts).`,
  ];
}

/** The fewest examples whose test split can show the largest margin, in round numbers. */
function neededExamples(metric: ComparedBy): number {
  let examples = 50;
  while (defaultMargin(metric, examples) === null) examples += 50;
  return examples;
}
