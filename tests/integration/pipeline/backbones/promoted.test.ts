import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describePackaged } from '../../../../pipeline/backbones/index.ts';
import { openContext } from '../../../../pipeline/context.ts';
import { openSession } from '../../../../pipeline/onnx/index.ts';
import { addBackbone } from '../../../../pipeline/operations/add-backbone.ts';
import { listBackbones } from '../../../../pipeline/operations/backbones/list-backbones.ts';
import { readIndex, readPrepared } from '../../../../pipeline/prepare/index.ts';
import { readCandidate } from '../../../../pipeline/record.ts';
import {
  buildBillOfMaterials,
  buildLineage,
  cardFacts,
  renderModelCard,
} from '../../../../platform/cards/index.ts';
import type { ModelRecord } from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { bytesOf, smallBackbone } from '../../../helpers/backbone.ts';
import { photoOf } from '../../../helpers/photos.ts';
import { commitAll, createTinyPlatform, type TinyPlatform } from '../run/tiny-platform.ts';

const perClass = 24;
/** Two models are trained and promoted, on whatever else the machine does. */
const timeout = 480_000;

/** Photos of two colours; `from` shifts them, so that two folders share some. */
async function writePhotos({ root }: TinyPlatform, name: string, from: number): Promise<void> {
  for (const [label, red] of [
    ['apple', 0.9],
    ['plum', 0.3],
  ] as const) {
    await mkdir(join(root, 'data', name, label), { recursive: true });
    for (let at = from; at < from + perClass; at++) {
      const photo = await photoOf([red, 0.2 + at / 100, 0.3 + (at % 5) / 40]);
      await writeFile(join(root, 'data', name, label, `${at}.jpg`), photo);
    }
  }
}

async function candidateOf({ root }: TinyPlatform, name: string): Promise<ModelRecord> {
  const record = await readCandidate(root, name);
  if (!record) throw new Error('the run left no record');
  return record;
}

/** Does a command that must succeed. */
async function must({ mainstem }: TinyPlatform, ...args: string[]): Promise<string> {
  const done = await mainstem(...args);
  expect(done, `${args.join(' ')}: ${done.err}`).toMatchObject({ code: 0 });
  return done.out;
}

/** A repository with a promoted model of fruit, as a project that stands on a backbone of others. */
async function promoteFruit(): Promise<{ farm: TinyPlatform; record: ModelRecord }> {
  const farm = await createTinyPlatform();
  await writePhotos(farm, 'fruit', 0);
  const net = join(farm.root, 'small.onnx');
  await writeFile(net, bytesOf(smallBackbone()));
  await must(farm, 'init', 'fruit', '--from', 'data/fruit', '--backbone', net);
  await farm.edit('pipeline/projects/fruit/project.ts', /gates: \[[^\]]*\]/, 'gates: []');
  await rm(net);
  await must(farm, 'lock', 'fruit');
  await commitAll(farm.root);
  await must(farm, 'run', 'fruit');
  const record = await candidateOf(farm, 'fruit');
  await must(farm, 'promote', 'fruit');
  return { farm, record };
}

test('a promoted model is a backbone: with its origin, its pixels, and what it has seen', {
  timeout,
}, async () => {
  const { farm, record } = await promoteFruit();
  expect(await listBackbones(farm.workspace)).toContainEqual(
    expect.objectContaining({
      ...{ name: 'fruit', kind: 'model', digest: record.package.onnx.digest, address: null },
    }),
  );

  // The other project has half of its photos in common with the first, and another split.
  await writePhotos(farm, 'orchard', perClass / 2);
  const said = await must(farm, 'init', 'orchard', '--from', 'data/orchard', '--backbone', 'fruit');
  expect(said).toContain('pipeline/projects/orchard/project.ts');
  await farm.edit(
    'pipeline/projects/orchard/project.ts',
    'split: { seed: 1,',
    'split: { seed: 99,',
  );
  await must(farm, 'lock', 'orchard');
  const { lock, store } = await openContext(farm.workspace, 'orchard');
  const name = `fruit-${record.run}`;
  const origin = {
    ...{ model: 'fruit', run: record.run, onnx: record.package.onnx.digest, data: record.data },
  };
  const locked = lock.datasets[name];
  expect(locked).toMatchObject({ kind: 'backbone', origin: [origin] });
  expect(locked?.licence).toContain('that of its data');

  // Its features are what the first model's last layer reads.
  await farm.edit('pipeline/projects/orchard/project.ts', /gates: \[[^\]]*\]/, 'gates: []');
  await commitAll(farm.root);
  const report = await must(farm, 'experiment', 'orchard');
  const own = await candidateOf(farm, 'orchard');
  if (!own.embedded) throw new Error('no features');
  const [pictures, features] = [
    await readPrepared(store, own.prepared),
    await readPrepared(store, own.embedded),
  ];
  const first = await openSession(
    await store.get(record.package.onnx.digest),
    pictures.index.shape,
  );
  const [values, made] = [
    new Float32Array(pictures.rowLength),
    new Float32Array(features.rowLength),
  ];
  pictures.fill(values, [3]);
  features.fill(made, [3]);
  const { embedding } = await first.run(values, 1);
  for (const [at, value] of made.entries()) expect(value).toBeCloseTo(embedding?.[at] ?? 0, 4);

  // Photos of its test split that the first has learnt from are named, in the findings and at the top of the report.
  const learnt = new Set(
    (await readIndex(store, record.prepared)).rows
      .filter(({ split }) => split !== 'test')
      .map(({ digest }) => digest),
  );
  const shared = pictures.index.rows.filter(
    ({ split, digest }) => split === 'test' && learnt.has(digest),
  );
  expect(shared.length).toBeGreaterThan(0);
  const [, warning = ''] = /^! BACKBONE_SEEN: (.*)$/m.exec(report) ?? [];
  expect(warning, report).toContain(`the backbone fruit ${record.run}`);
  expect(warning).toMatch(new RegExp(`${shared.length} of \\d+ in test`));

  // The bill of materials and the lineage name it, down to what it is made from.
  const facts = cardFacts(own, lock);
  const bill = buildBillOfMaterials(facts);
  const ref = `model:fruit@${record.run}`;
  expect(bill.components).toContainEqual(
    expect.objectContaining({ 'bom-ref': ref, type: 'machine-learning-model' }),
  );
  expect(bill.dependencies).toContainEqual({
    ref: `backbone:${name}@${locked?.digest}`,
    dependsOn: [ref],
  });
  expect(JSON.stringify(buildLineage(facts))).toContain(record.package.onnx.digest);
  expect(renderModelCard(facts)).toContain('It is the promoted model `fruit`');

  // What stands on it in turn knows both, and the photos of both.
  await must(farm, 'promote', 'orchard');
  await must(farm, 'verify', 'orchard');
  const added = await addBackbone(farm.workspace, { from: 'orchard@production' });
  expect(added.definition.origin).toMatchObject([{ model: 'orchard' }, origin]);
  const file = await describePackaged(
    await readFile(join(farm.root, added.definition.path)),
    added.definition.path,
  );
  for (const digest of learnt) expect(file?.promoted?.seen.has(digest)).toBe(true);

  // What project.ts says of the file has to be what the file says.
  await farm.edit(
    'pipeline/projects/orchard/project.ts',
    `run: '${record.run}'`,
    "run: '000000000000'",
  );
  await must(farm, 'lock', 'orchard');
  const forged = await farm.mainstem('run', 'orchard');
  expect(forged.err).toContain('BACKBONE_ORIGIN');
  expect(forged.code).toBe(1);
});

test('a promoted file is recognised wherever it is given, and names that may mean several things are refused', {
  timeout,
}, async () => {
  const { farm, record } = await promoteFruit();
  const { workspace, root } = farm;
  const store = openStore(root);
  const onnx = await store.get(record.package.onnx.digest);
  const given = join(root, 'given.onnx');
  await writeFile(given, onnx);
  const byName = await addBackbone(workspace, { from: `fruit@${record.run.slice(0, 6)}` });
  const byFile = await addBackbone(workspace, { from: given, name: 'given' });
  expect(byFile.digest).toBe(byName.digest);
  expect(byFile.definition).toEqual({
    ...byName.definition,
    ...{ name: 'given', path: 'data/backbones/given.onnx' },
  });
  expect(byName.known).toBe(true);
  expect(byName.learnt).toBeGreaterThan(perClass);
  // The file that "add" wrote says it again.
  const again = await addBackbone(workspace, { from: join(root, byName.definition.path) });
  expect(again).toEqual(byName);

  // Where the model's record is not, nothing says what it has seen, and that is said.
  await cp(join(root, 'models'), join(root, 'away'), { recursive: true });
  await rm(join(root, 'models', 'fruit'), { recursive: true });
  const foreign = await addBackbone(workspace, { from: given, name: 'foreign' });
  expect(foreign.definition.origin).toBeUndefined();
  expect(foreign.known).toBe(true);
  expect(foreign.notes.join()).toContain('which photos it has learnt from is not known');
  await expect(addBackbone(workspace, { from: 'fruit' })).rejects.toMatchObject({
    code: 'MODEL_NOT_PROMOTED',
  });
  await cp(join(root, 'away'), join(root, 'models'), { recursive: true });

  await writeFile(join(root, 'fruit'), onnx);
  const ambiguous = await farm.mainstem('backbone', 'add', 'fruit');
  expect(ambiguous).toMatchObject({ code: 2 });
  expect(ambiguous.err).toContain('BACKBONE_AMBIGUOUS');
  expect(ambiguous.err).toContain('the file ./fruit or the promoted model fruit@production');
  await must(farm, 'backbone', 'add', './fruit', '--name', 'file');
  expect(await addBackbone(workspace, { from: 'fruit@production' })).toEqual(byName);
  for (const [from, code] of [
    ['fruit@ffffffffffff', 'MODEL_RUN_UNKNOWN'],
    ['fruit@staging', 'MODEL_NOT_PROMOTED'],
    ['fruit@latest', 'MODEL_NOT_PROMOTED'],
    ['nothing@production', 'BACKBONE_MISSING'],
    ['penguins', 'MODEL_NOT_PROMOTED'],
  ] as const) {
    await expect(addBackbone(workspace, { from }), from).rejects.toMatchObject({ code });
  }
});
