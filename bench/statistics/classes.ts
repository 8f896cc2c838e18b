import { detectableDifference } from '../../pipeline/evaluation/statistics/detectable-difference.ts';
import { pairedDifference } from '../../pipeline/evaluation/statistics/paired-difference.ts';
import { judgeGain } from '../../pipeline/evaluation/verdict.ts';
import { createRandom } from '../../platform/lib/random.ts';
import type { Verdict } from '../../platform/schemas/index.ts';
import { drawFlips, shareOf } from './draws.ts';
import { printTable } from './print-table.ts';

const counts = [30, 153, 1000];
const disagreements = [0.05, 0.1, 0.2];
const gains = [0, 0.02, 0.05];
const relevant = 0.05;
const rounds = (count: number) => Math.min(20_000, Math.round(6e6 / count));

/** Verdicts on equally good classifiers, and how often the interval holds the true difference. */
export function printClasses(): void {
  const random = createRandom('A/A');
  const settings = counts.flatMap((count) => disagreements.map((differ) => ({ count, differ })));
  const rows = settings.map(({ count, differ }) => {
    const found: Record<Verdict, number> = {
      ...{ better: 0, worse: 0 },
      ...{ 'no detectable change': 0, 'cannot tell': 0 },
    };
    const total = rounds(count);
    for (let round = 0; round < total; round++) {
      const { fixed, broken } = drawFlips(random, count, differ, 0);
      found[judgeGain(pairedDifference(fixed, broken, count), relevant)]++;
    }
    const percent = (verdict: Verdict) => ((100 * found[verdict]) / total).toFixed(1);
    const covered = gains
      .filter((gain) => gain < differ)
      .map((gain) => coverage(count, differ, gain));
    return [
      ...[count, 100 * differ, percent('better'), percent('worse')],
      ...[percent('no detectable change'), percent('cannot tell'), covered.join(' / ')],
    ];
  });
  printTable(
    [
      ...['n', 'answers that differ %', 'better %', 'worse %', 'no detectable change %'],
      ...['cannot tell %', 'coverage % at a gain of 0 / 2 / 5 points'],
    ],
    rows,
  );
}

function coverage(count: number, differ: number, gain: number): string {
  const random = createRandom(`coverage ${count} ${differ} ${gain}`);
  return shareOf(rounds(count) / 2, () => {
    const { fixed, broken } = drawFlips(random, count, differ, gain);
    const { low, high } = pairedDifference(fixed, broken, count);
    return low <= gain && gain <= high;
  });
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
