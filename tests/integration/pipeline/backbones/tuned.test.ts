import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { championOf } from '../../../../pipeline/champion.ts';
import { openContext } from '../../../../pipeline/context.ts';
import { openSession } from '../../../../pipeline/onnx/index.ts';
import { judge } from '../../../../pipeline/operations/judge.ts';
import { run } from '../../../../pipeline/operations/run.ts';
import { readPrepared } from '../../../../pipeline/prepare/index.ts';
import { type Reporter, silentReporter } from '../../../../platform/lib/reporter.ts';
import { blockBackbone, bytesOf, featuresOfBlocks } from '../../../helpers/backbone.ts';
import { photoOf } from '../../../helpers/photos.ts';
import { createTinyPlatform, type TinyPlatform } from '../run/tiny-platform.ts';

const perClass = 24;
const classes = ['apple', 'plum'];

/** A project of two colours, on a backbone of three blocks. */
async function createFruit(options: Parameters<typeof blockBackbone>[0] = {}) {
  const platform = await createTinyPlatform();
  for (const [number, name] of classes.entries()) {
    const folder = join(platform.root, 'data/fruit', name);
    await mkdir(folder, { recursive: true });
    for (let at = 0; at < perClass; at++) {
      const photo = await photoOf([0.3 + number / 2, 0.3 + at / 80, 0.4 + (at % 5) / 20]);
      await writeFile(join(folder, `${at}.jpg`), photo);
    }
  }
  const net = join(platform.root, 'blocks.onnx');
  await writeFile(net, bytesOf(blockBackbone(options)));
  const made = await platform.mainstem(
    ...['init', 'fruit', '--from', 'data/fruit', '--backbone', net],
  );
  expect(made, made.err).toMatchObject({ code: 0 });
  await setParameters(platform, { epochs: 6 });
  const locked = await platform.mainstem('lock', 'fruit');
  expect(locked, locked.err).toMatchObject({ code: 0 });
  return platform;
}

/** Changes params.json. */
async function setParameters({ root }: TinyPlatform, changed: Readonly<Record<string, unknown>>) {
  const path = join(root, 'pipeline/projects/fruit/params.json');
  const parameters = { ...JSON.parse(await readFile(path, 'utf8')), ...changed };
  await writeFile(path, JSON.stringify(parameters));
}

async function train({ workspace }: TinyPlatform) {
  const said: string[] = [];
  const reporter: Reporter = { ...silentReporter, info: (text) => void said.push(text) };
  const context = await openContext({ ...workspace, reporter }, 'fruit');
  const { record, stages } = await run(context, { backend: 'auto' });
  if (!record) throw new Error('the run left no record');
  const ran = stages.filter(({ action }) => action === 'ran').map(({ stage }) => stage);
  return { context, record, said, ran };
}

test('the last blocks of a backbone are trained with the new layers, and served as one file', async () => {
  const fruit = await createFruit();
  // Alone, the new layers hardly move.
  await setParameters(fruit, { learningRate: 1e-5 });
  const frozen = await train(fruit);
  await setParameters(fruit, { fineTune: { blocks: 2, epochs: 5, learningRate: 0.01 } });
  const { context, record, ran, said } = await train(fruit);
  expect(ran).toEqual(['activate', 'train', 'evaluate', 'package']);
  expect(said.join('\n')).toContain('from first on: ');
  expect(said.join('\n')).toContain(`(${2 * perClass} × 16 × 16 × 4)`);

  // The new layers learn what they learn on a frozen backbone, and then all of them more.
  const { tuned, epochs, bestEpoch } = record.training;
  expect(tuned).toEqual({ start: 'first', shape: [16, 16, 4], layers: 4, headEpochs: 6 });
  expect(epochs.slice(0, 6)).toEqual(frozen.record.training.epochs);
  expect(epochs.slice(6).map(({ epoch }) => epoch)).toEqual([7, 8, 9, 10, 11]);
  expect(bestEpoch).toBeGreaterThan(6);
  const best = epochs.find(({ epoch }) => epoch === bestEpoch)?.validationLoss;
  expect(best).toBe(Math.min(...epochs.map(({ validationLoss }) => validationLoss)));
  expect(record.training.weightCount).toBeGreaterThan(frozen.record.training.weightCount);
  expect(record.parameters.fineTune).toEqual({ blocks: 2, epochs: 5, learningRate: 0.01 });
  expect(record.key).not.toBe(frozen.record.key);

  // One file that takes pictures, as good as the network; what is alike is found by the features as they were.
  expect(record.package.parity).toMatchObject({ classesDiffer: 0 });
  const pictures = await readPrepared(context.store, record.prepared);
  const onnx = await context.store.get(record.package.onnx.digest);
  await using session = await openSession(onnx, pictures.index.shape);
  const values = new Float32Array(pictures.rowLength);
  pictures.fill(values, [0]);
  expect((await session.run(values, 1)).output).toHaveLength(classes.length);
  expect(record.embedded).toEqual(frozen.record.embedded);
  const request = { champion: championOf(frozen.record), findings: [], cost: null, records: [] };
  const judged = await judge(context, { ...request, candidate: record });
  expect(judged.unmeasured).toBeNull();
  expect(judged.report.nearDuplicates?.space).toBe('features');

  // The same again costs nothing; new photos cost only themselves; the same bits come out elsewhere.
  expect((await train(fruit)).ran).toEqual([]);
  const path = join(fruit.root, 'data/fruit/apple/new.jpg');
  await writeFile(path, await photoOf([0.52, 0.55, 0.1]));
  await fruit.mainstem('lock', 'fruit');
  expect((await train(fruit)).said).toContain(`Features of ${2 * perClass} photos are known.`);
});

test('the same project made again has the same weights, and blocks: 0 is a frozen backbone', async () => {
  const [one, two] = [await createFruit(), await createFruit()];
  await setParameters(one, { fineTune: { from: 'second', epochs: 2, learningRate: 0.01 } });
  await setParameters(two, { fineTune: { from: 'second', epochs: 2, learningRate: 0.01 } });
  const [first, second] = [await train(one), await train(two)];
  expect(second.record.training.weights).toEqual(first.record.training.weights);
  expect(second.record.package.onnx).toEqual(first.record.package.onnx);
  expect(first.record.training.tuned).toMatchObject({ start: 'second', shape: [8, 8, 4] });

  await setParameters(one, { fineTune: { blocks: 0, epochs: 2, learningRate: 0.01 } });
  const { record, context } = await train(one);
  expect(record.training.tuned).toBeUndefined();
  expect(record.activated).toBeUndefined();
  const features = await readPrepared(context.store, record.embedded ?? record.prepared);
  expect(features.index.shape).toEqual([featuresOfBlocks]);
  await setParameters(one, { fineTune: undefined });
  expect((await train(one)).ran).toEqual([]);
});

test('training that makes it worse keeps the weights of before', async () => {
  const fruit = await createFruit();
  await setParameters(fruit, { fineTune: { blocks: 4, epochs: 1, learningRate: 9 } });
  await expect(train(fruit)).rejects.toMatchObject({
    code: 'FINE_TUNE_UNSUPPORTED',
    message: expect.stringContaining('it has 3 blocks, not 4'),
  });
  await setParameters(fruit, { fineTune: { blocks: 1, epochs: 1, learningRate: 9 } });
  const { training, package: packaged } = (await train(fruit)).record;
  expect(training.epochs).toHaveLength(7);
  expect(training.bestEpoch).toBeLessThanOrEqual(6);
  expect(packaged.parity.classesDiffer).toBe(0);
});

test('an operator that cannot be trained is named before anything is trained', async () => {
  const fruit = await createFruit({ last: 'Softplus' });
  await setParameters(fruit, { fineTune: { blocks: 1, epochs: 1, learningRate: 0.01 } });
  const refused = await fruit.mainstem('run', 'fruit');
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.err).toContain('FINE_TUNE_UNSUPPORTED');
  expect(refused.err).toContain('its Softplus cannot be trained here');
  expect(refused.err).toContain('leave "fineTune" out');
});
