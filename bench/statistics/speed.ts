import { comparePredictions } from '../../pipeline/evaluation/index.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import { createRandom } from '../../platform/lib/random.ts';
import type { Prediction } from '../../platform/schemas/index.ts';
import { printTable } from './print-table.ts';
import { drawPair } from './rankings.ts';

/** How long large comparisons take: every metric with its interval, the verdict and the answers that differ. */
export function printSpeed(): void {
  const rows = [
    timed('two regressions of 150,000 rows', regressions(150_000), []),
    timed('two classifiers of 100,000 rows, 5 % rare', classifiers(100_000), ['a', 'b']),
  ];
  printTable(['comparison', 'wall s', 'processor s'], rows);
}

type Pair = readonly [ours: readonly Prediction[], theirs: readonly Prediction[]];

function timed(name: string, [ours, theirs]: Pair, classes: readonly string[]): string[] {
  const [started, used] = [performance.now(), process.cpuUsage()];
  comparePredictions(ours, theirs, classes);
  const { user, system } = process.cpuUsage(used);
  return [
    name,
    ((performance.now() - started) / 1000).toFixed(1),
    ((user + system) / 1e6).toFixed(1),
  ];
}

function predictionOf(index: number, label: string, probabilities: readonly number[]): Prediction {
  return {
    ...{ id: `row-${index}`, digest: digestBytes(`row ${index}`), dataset: 'rows', split: 'test' },
    ...{ label, predicted: '', probabilities: [...probabilities], score: 1, accepted: true },
  };
}

function regressions(count: number): Pair {
  const random = createRandom('speed');
  const model = () =>
    Array.from({ length: count }, (_, index) => {
      const value = index + random.normal();
      return { ...predictionOf(index, String(index), [value]), predicted: String(value) };
    });
  return [model(), model()];
}

function classifiers(count: number): Pair {
  const [ours, theirs] = drawPair(createRandom('speed'), count, 0.05).map(({ examples }) =>
    examples.map(({ label, predicted, probabilities }, index) => ({
      ...predictionOf(index, label, probabilities),
      predicted,
    })),
  );
  return [ours ?? [], theirs ?? []];
}
