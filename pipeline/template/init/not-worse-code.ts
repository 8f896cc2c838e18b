import { comment, quote } from './code.ts';
import { splitFractions } from './plan.ts';

type Unit = 'photo' | 'row';

/** The largest margin that still says something; a test split that cannot show it gets no gate. */
const largestMargin = 0.1;
const smallestMargin = 0.02;

/** Two models that are equally good answer about so many test examples differently. */
const disagreement = 0.1;

/**
 * The difference's interval is 1.96 standard errors wide on either side; 1.64 more, and it lies above the margin for 19
 * of 20 models that are as good as their champion.
 */
const standardErrors = 1.96 + 1.64;

/**
 * By how much a model may be worse than its champion: so much that one that is as good passes 19 times out of 20 where
 * the two answer a tenth of the test examples differently. Null where the test split is too small for 0.1.
 *
 * @example defaultMargin(1000) // 0.1
 * @example defaultMargin(100) // null
 */
export function defaultMargin(examples: number): number | null {
  const tested = Math.max(1, examples * splitFractions(examples)[2]);
  // The interval adds one flip of each kind, so that it has a width without any.
  const error = Math.sqrt(disagreement * tested + 2) / (tested + 2);
  const margin = Math.ceil(100 * standardErrors * error) / 100;
  return margin > largestMargin ? null : Math.max(smallestMargin, margin);
}

/** The gate that compares with the model that serves, as lines of project.ts. */
export function notWorseCode(metric: string, examples: number, unit: Unit): string {
  const margin = defaultMargin(examples);
  if (margin === null) {
    return comment(
      4,
      `With ${neededExamples()} ${unit}s or more, add how much worse than the model that serves a new one may be; with`,
      'fewer it would stop models that are as good, for the test is too small to show it.',
      gateCode(metric, largestMargin),
    );
  }
  return [
    comment(
      4,
      `How much worse than the model that serves; a smaller margin needs more test ${unit}s.`,
    ),
    `    ${gateCode(metric, margin)}`,
  ].join('\n');
}

function gateCode(metric: string, margin: number): string {
  return `{ metric: ${quote(metric)}, notWorseBy: ${margin} },`;
}

/** What `init` says where it left the gate off. */
export function notWorseNotes(examples: number, unit: Unit): string[] {
  if (defaultMargin(examples) !== null) return [];
  return [
    `No gate compares with the model that serves: that needs about ${neededExamples()} ${unit}s (see gates in project.ts).`,
  ];
}

/** The fewest examples whose test split can show the largest margin, in round numbers. */
function neededExamples(): number {
  let examples = 50;
  while (defaultMargin(examples) === null) examples += 50;
  return examples;
}
