import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readCandidate } from '../../../../pipeline/record.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { serveModels } from '../../../helpers/serve-models.ts';
import { createTinyPlatform, type TinyPlatform } from '../run/tiny-platform.ts';

/** Prices of things in 60 shops: some sizes are missing, a few are far out, and each may be new or not. */
function plantPrices(): string {
  const random = createRandom('prices');
  const shops = Array.from({ length: 60 }, () => random.normal());
  const rows = Array.from({ length: 1500 }, (_, at) => {
    const shop = random.int(60);
    const size = random.normal();
    const isNew = random.next() < 0.5;
    const price = Math.exp(4 + (shops[shop] ?? 0) + size / 2 + (isNew ? 0.5 : 0));
    const written = random.next() < 0.1 ? '' : String(at % 100 === 0 ? 5000 + at : size);
    return `shop ${shop},${written},${isNew ? 'yes' : 'No'},${price}`;
  });
  return ['shop,size,new,price', ...rows, ''].join('\n');
}

async function answersOf(root: string, rows: readonly object[]) {
  const { app } = await serveModels(root, { model: 'prices' });
  onTestFinished(() => app.close());
  const answer = await app.inject({ method: 'POST', url: '/predict', payload: [...rows] });
  return answer.json().results;
}

/** What `init` writes must not depend on how fast a busy machine is. */
async function loosen({ edit }: TinyPlatform): Promise<void> {
  await edit('pipeline/projects/prices/project.ts', 'latencyMs: 5', 'latencyMs: 1000');
  await edit('pipeline/projects/prices/params.json', /"epochs": \d+/, '"epochs": 12');
}

test('prices by shop, with gaps, outliers and yes or no, go from init to an answer in their own unit', {
  timeout: 400_000,
}, async () => {
  const platform = await createTinyPlatform();
  const { root, mainstem } = platform;
  await writeFile(join(root, 'prices.csv'), plantPrices());
  const made = await mainstem('init', 'prices', '--from', 'prices.csv', '--label', 'price');
  expect(made.code, made.err).toBe(0);
  await loosen(platform);
  expect((await mainstem('lock', 'prices')).code).toBe(0);
  const experiment = await mainstem('experiment', 'prices');
  expect(experiment.code, experiment.out + experiment.err).toBe(0);

  const record = await readCandidate(root, 'prices');
  expect(record?.training.labelScale).toBe('log');
  expect(record?.preprocessing).toMatchObject({
    columns: [
      { name: 'shop', kind: 'category', target: { parts: [{}] } },
      { name: 'size', kind: 'number', scaling: 'robust', gap: true },
      { name: 'new', kind: 'boolean' },
    ],
  });
  const skill = record?.evaluation.metrics.find(({ name }) => name === 'maeSkill');
  expect(skill?.value).toBeGreaterThan(0.3);
  expect(record?.evaluation.profile.bins.map(({ name }) => name)).toEqual(['size', 'new']);

  const promoted = await mainstem('promote', 'prices');
  expect(promoted.code, promoted.out + promoted.err).toBe(0);
  const thing = { shop: 'shop 1', size: 0.5, new: true };
  const [whole, spelled, unseen, gap] = await answersOf(root, [
    thing,
    { ...thing, new: 'YES', size: '0.5' },
    { ...thing, shop: 'shop 99' },
    { ...thing, size: null },
  ]);
  expect(whole.value).toBeGreaterThan(0);
  expect(spelled.value).toBe(whole.value);
  expect(unseen).toMatchObject({ unknown: ['shop'] });
  expect(unseen.value).toBeGreaterThan(0);
  expect(gap.value).not.toBe(whole.value);
});
