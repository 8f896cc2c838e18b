import { compareSlices } from '../../pipeline/evaluation/compare-slices.ts';
import { wilson } from '../../pipeline/evaluation/statistics/wilson.ts';
import { digestJson } from '../../platform/lib/hash.ts';
import { createRandom, type Random } from '../../platform/lib/random.ts';
import { gateKinds, studentQuantile } from '../../platform/quality/index.ts';
import type { Prediction } from '../../platform/schemas/index.ts';
import { buildRecord, pumpkins } from '../../tests/helpers/model-repository.ts';
import { shareOf } from './draws.ts';
import { printTable } from './print-table.ts';

const floor = gateKinds.find(({ name }) => name === 'slice floor');
const onnx = { digest: digestJson('onnx'), bytes: 1, mediaType: 'application/octet-stream' };
const record = buildRecord(pumpkins, onnx, '111111111111');

/** How often a gate on the lowest slice fails where all slices are alike, and where one is truly far below. */
export function printSlices(): void {
  const settings = [20, 40, 100].flatMap((examples) =>
    [3, 10, 30].map((slices) => ({ examples, slices })),
  );
  const rows = settings.map(({ examples, slices }) => [
    ...[examples, slices],
    failing(examples, slices, () => 0.9),
    failing(examples, slices, () => 0.85),
    failing(examples, slices, (slice) => (slice === 0 ? 0.6 : 0.9)),
  ]);
  printTable(
    ['examples a slice', 'slices', 'all at 90 %', 'all at the floor', 'one at 60 %'],
    rows,
  );
  printSliceErrors();
}

const differences: Readonly<Record<string, (random: Random) => number>> = {
  'normal errors': (random) => Math.abs(random.normal()) - Math.abs(random.normal()),
  'skewed, lognormal(0.7) − mean': (random) => Math.exp(0.7 * random.normal()) - Math.exp(0.245),
  'skewed, lognormal(1.2) − mean': (random) => Math.exp(1.2 * random.normal()) - Math.exp(0.72),
};
/** What both models are off by: more than any difference takes away. */
const off = 100;

/** How often the interval of a slice of two regressions that are equally good holds 0, and how often Student's alone would. */
function printSliceErrors(): void {
  const rows = Object.entries(differences).flatMap(([name, draw]) =>
    [60, 153].map((count) => {
      const random = createRandom(`slice errors ${name} ${count}`);
      const rounds = 4000;
      const [held, student] = [tally(), tally()];
      const quantile = studentQuantile(0.025, count - 1);
      for (let round = 0; round < rounds; round++) {
        const [found] = compareSlices(pairsOf(random, draw, count), farms, []);
        if (!found) continue;
        note(held, found.low, found.high);
        const half = quantile * found.error;
        note(student, found.difference - half, found.difference + half);
      }
      const cells = [student, held].map(({ worse, better }) =>
        [rounds - worse - better, worse, better]
          .map((part) => ((100 * part) / rounds).toFixed(1))
          .join(' / '),
      );
      return [name, count, ...cells];
    }),
  );
  printTable(
    ['differences', 'n', 'Student’s: holds / worse / better %', 'now: holds / worse / better %'],
    rows,
  );
}

const farms = { columns: ['farm'], metadata: new Map() };
const tally = () => ({ worse: 0, better: 0 });

function note(found: ReturnType<typeof tally>, low: number, high: number): void {
  if (low > 0) found.worse++;
  else if (high < 0) found.better++;
}

function pairsOf(random: Random, draw: (random: Random) => number, count: number) {
  const predictionOf = (id: string, error: number): Prediction => ({
    ...{ id, digest: digestJson(id), dataset: 'rows', split: 'test', label: '0' },
    ...{ predicted: String(error), probabilities: [error], score: 1, accepted: true },
  });
  return Array.from({ length: count }, (_, index) => {
    const id = `row-${index}`;
    const [candidate, champion] = [off + draw(random), off].map((error) => predictionOf(id, error));
    if (!candidate || !champion) throw new Error('both are drawn');
    return { label: '0', candidate, champion };
  });
}

/** In percent, with a floor of 85 %. */
function failing(examples: number, count: number, accuracyOf: (slice: number) => number): string {
  const random = createRandom(`slices ${examples} ${count} ${accuracyOf(0)}`);
  return shareOf(1000, () => {
    const slices = Array.from({ length: count }, (_, slice) => {
      const hits = Array.from({ length: examples }, () => random.next() < accuracyOf(slice));
      const found = wilson(hits.filter(Boolean).length, examples);
      return { slice: 'farm', value: `${slice}`, accuracy: found, error: null, count: examples };
    });
    const facts = {
      ...{ candidate: { ...record.evaluation, slices }, champion: null, incomparable: null },
      ...{ comparison: null, package: record.package },
      slices: [{ column: 'farm', minimumCount: 20 }],
    };
    return floor?.judge({ slices: 'accuracy', atLeast: 0.85 }, facts)?.passed === false;
  });
}
