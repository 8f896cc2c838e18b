import { binomialMean } from '../../pipeline/evaluation/statistics/binomial-mean.ts';
import { detectableDifference } from '../../pipeline/evaluation/statistics/detectable-difference.ts';
import {
  type Difference,
  pairedDifference,
} from '../../pipeline/evaluation/statistics/paired-difference.ts';
import { judgeGain } from '../../pipeline/evaluation/verdict.ts';
import { createRandom } from '../../platform/lib/random.ts';
import { binomialTail } from '../../platform/quality/statistics/binomial-tail.ts';
import { drawFlips, shareOf } from './draws.ts';
import { printTable } from './print-table.ts';

const counts = [30, 60, 153, 1000];
const disagreements = [0.05, 0.1, 0.2];
const gains = [0, 0.02, 0.05];
const relevant = 0.05;
const percent = (share: number) => (100 * share).toFixed(1);

/**
 * Verdicts on equally good classifiers, how often the interval holds the true difference, and how often a gate passes a loss of just its
 * margin. Nothing is drawn: all flips that there may be are weighed by how likely they are.
 */
export function printClasses(): void {
  const settings = counts.flatMap((count) => disagreements.map((differ) => ({ count, differ })));
  const rows = settings.map(({ count, differ }) => {
    const judge = createJudge(count);
    const likely = (gain: number, holds: (found: Difference) => boolean) =>
      chanceOf(count, differ, gain, (fixed, broken) => holds(judge(fixed, broken)));
    const verdicts = ['better', 'worse', 'no detectable change', 'cannot tell'].map((verdict) =>
      percent(likely(0, (found) => judgeGain(found, relevant) === verdict)),
    );
    const covered = gains
      .filter((gain) => gain < differ)
      .map((gain) => percent(likely(gain, ({ low, high }) => low <= gain && gain <= high)));
    const passed =
      differ < relevant ? '' : percent(likely(-relevant, ({ low }) => low > -relevant));
    const least = percent(leastCoverage(count, differ));
    return [count, 100 * differ, ...verdicts, covered.join(' / '), least, passed];
  });
  printTable(
    [
      ...['n', 'answers that differ %', 'better %', 'worse %', 'no detectable change %'],
      ...['cannot tell %', 'coverage % at a gain of 0 / 2 / 5 points'],
      ...['least of any at 0 %', 'a loss of 5 points passes %'],
    ],
    rows,
  );
}

/** Each comparison once: they repeat from one setting to the next. */
function createJudge(count: number): (fixed: number, broken: number) => Difference {
  const known = new Map<number, Difference>();
  return (fixed, broken) => {
    const key = fixed * (count + 1) + broken;
    const found = known.get(key) ?? pairedDifference(fixed, broken, count);
    known.set(key, found);
    return found;
  };
}

/** How likely it is, over how many answers differ and how many of these are repairs. */
function chanceOf(
  count: number,
  differ: number,
  gain: number,
  holds: (fixed: number, broken: number) => boolean,
): number {
  const repaired = (differ + gain) / (2 * differ);
  return binomialMean(count, differ, (flips) =>
    binomialMean(flips, repaired, (fixed) => Number(holds(fixed, flips - fixed))),
  );
}

const significant = 0.05;
const shares = Array.from({ length: 200 }, (_, index) => ((index + 1) / 201) ** 2);

/**
 * What no interval can go below where nothing has changed, if it raises no more than 5 % false alarms whatever share of answers
 * differs: of so many flips it can leave out 0 at most for those whose chance alone is no more than that.
 */
function leastCoverage(count: number, differ: number): number {
  const most = Array.from({ length: count + 1 }, (_, flips) => mostRejected(count, flips));
  return (
    1 -
    Math.min(
      significant,
      binomialMean(count, differ, (flips) => most[flips] ?? 0),
    )
  );
}

function mostRejected(count: number, flips: number): number {
  const seen = Math.max(
    ...shares.map((share) => binomialMean(count, share, (found) => Number(found === flips))),
  );
  for (let fewer = Math.ceil(flips / 2) - 1; fewer >= 0; fewer--) {
    const tail = 2 * binomialTail(fewer, flips, 0.5);
    if (tail * seen <= significant) return tail;
  }
  return 0;
}

/** How often the difference that a report says is found four times out of five is found. */
export function printPower(): void {
  const settings = [30, 153, 300, 1000].flatMap((count) =>
    [0.05, 0.1, 0.2].map((differ) => ({ count, differ })),
  );
  const rows = settings.map(({ count, differ }) => {
    const printed = detectableDifference(differ * count, count);
    const random = createRandom(`power ${count} ${differ}`);
    // Answers that differ all one way are the most that a gain needs.
    const differing = Math.max(differ, printed);
    const power = shareOf(4000, () => {
      const { fixed, broken } = drawFlips(random, count, differing, printed);
      return pairedDifference(fixed, broken, count).low > 0;
    });
    return [count, 100 * differ, (100 * printed).toFixed(1), power];
  });
  printTable(['n', 'answers that differ %', 'printed difference, points', 'found %'], rows);
}
