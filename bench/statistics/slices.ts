import { wilson } from '../../pipeline/evaluation/statistics/wilson.ts';
import { digestJson } from '../../platform/lib/hash.ts';
import { createRandom } from '../../platform/lib/random.ts';
import { gateKinds } from '../../platform/quality/index.ts';
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
