import { expectedGain, judgeChosen } from '../../pipeline/evaluation/chosen-candidate.ts';
import { pairedDifference } from '../../pipeline/evaluation/statistics/paired-difference.ts';
import { createRandom, type Random } from '../../platform/lib/random.ts';
import { printTable } from './print-table.ts';

/** Equally good candidates of which the best on the test split is compared with a champion that is as good. */
export function printPeeking(): void {
  const settings = [69, 153, 1000].flatMap((count) =>
    [1, 5, 20, 50].map((candidates) => ({ count, candidates })),
  );
  const rows = settings.map(({ count, candidates }) => {
    const random = createRandom(`peeking ${count} ${candidates}`);
    const rounds = Math.min(1000, Math.round(2e7 / count / candidates));
    let [plain, corrected, gained, error] = [0, 0, 0, 0];
    for (let round = 0; round < rounds; round++) {
      const { fixed, broken } = bestOf(candidates, count, random);
      const gainAt = (level?: number) => pairedDifference(fixed, broken, count, level);
      const gain = gainAt();
      if (judgeChosen({ gain, gainAt, relevant: 0.05, candidates: 1 }).verdict === 'better')
        plain++;
      if (judgeChosen({ gain, gainAt, relevant: 0.05, candidates }).verdict === 'better')
        corrected++;
      gained += gain.value;
      error += Math.sqrt(fixed + broken) / count;
    }
    const percent = (hits: number) => ((100 * hits) / rounds).toFixed(1);
    const points = (value: number) => (100 * value).toFixed(1);
    return [
      ...[count, candidates, percent(plain), percent(corrected)],
      ...[points(gained / rounds), points(expectedGain(candidates, error / rounds))],
    ];
  });
  printTable(
    ['n', 'candidates', 'better %, uncounted', 'better %, counted', 'gain shown', 'gain said'],
    rows,
  );
}

/** Of equal candidates the one with the highest accuracy: each has mistakes that all share, and some of its own. */
function bestOf(candidates: number, count: number, random: Random) {
  const hard = Array.from({ length: count }, () => random.next() < 0.12);
  const isWrong = (both: boolean) => random.next() < (both ? 0.75 : 0.03);
  const champion = hard.map(isWrong);
  let best = { fixed: 0, broken: count };
  for (let candidate = 0; candidate < candidates; candidate++) {
    let [fixed, broken] = [0, 0];
    for (const [index, both] of hard.entries()) {
      const wrong = isWrong(both);
      if (wrong && !champion[index]) broken++;
      if (!wrong && champion[index]) fixed++;
    }
    if (fixed - broken > best.fixed - best.broken) best = { fixed, broken };
  }
  return best;
}
