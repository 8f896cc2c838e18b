import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { championOf } from '../../../../pipeline/champion.ts';
import { openContext } from '../../../../pipeline/context.ts';
import { measureHeldBack } from '../../../../pipeline/measure-held-back.ts';
import { type OnnxGraph, openSession } from '../../../../pipeline/onnx/index.ts';
import { judge } from '../../../../pipeline/operations/judge.ts';
import { run } from '../../../../pipeline/operations/run.ts';
import { readPrepared } from '../../../../pipeline/prepare/index.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import type { Reporter } from '../../../../platform/lib/reporter.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import type { ModelRecord } from '../../../../platform/schemas/index.ts';
import {
  bytesOf,
  featuresOfSmall,
  type SmallBackbone,
  smallBackbone,
} from '../../../helpers/backbone.ts';
import { photoOf } from '../../../helpers/photos.ts';
import { createTinyPlatform, type TinyPlatform } from '../run/tiny-platform.ts';

const perClass = 24;

/** A platform with photos of two colours, and a backbone beside it. */
async function createFarm(options: SmallBackbone = {}): Promise<TinyPlatform & { net: string }> {
  const platform = await createTinyPlatform();
  const photos = join(platform.root, 'data', 'fruit');
  for (const [name, red] of [
    ['apple', 0.9],
    ['plum', 0.3],
  ] as const) {
    await mkdir(join(photos, name), { recursive: true });
    for (let at = 0; at < perClass; at++) {
      const photo = await photoOf([red, 0.2 + at / 100, 0.3 + (at % 5) / 40]);
      await writeFile(join(photos, name, `${at}.jpg`), photo);
    }
  }
  const net = join(platform.root, 'small.onnx');
  await writeFile(net, bytesOf(smallBackbone(options)));
  return { ...platform, net };
}

async function initFruit({ mainstem, net }: TinyPlatform & { net: string }) {
  const made = await mainstem('init', 'fruit', '--from', 'data/fruit', '--backbone', net);
  expect(made, made.err).toMatchObject({ code: 0 });
  const locked = await mainstem('lock', 'fruit');
  expect(locked, locked.err).toMatchObject({ code: 0 });
}

/** Trains, and keeps what was said. */
async function train({ workspace }: TinyPlatform) {
  const said: string[] = [];
  const reporter: Reporter = { ...silentReporter, info: (text) => void said.push(text) };
  const context = await openContext({ ...workspace, reporter }, 'fruit');
  const { record, stages } = await run(context, { backend: 'auto' });
  if (!record) throw new Error('the run left no record');
  return {
    context,
    record,
    said,
    ran: stages.filter(({ action }) => action === 'ran').map(({ stage }) => stage),
  };
}

/** What the packaged file answers for the test photos, and what the network was trained with: features for them. */
async function packagedFeatures(
  { store }: Awaited<ReturnType<typeof train>>['context'],
  record: ModelRecord,
) {
  if (!record.embedded) throw new Error('no features');
  const [pictures, features] = [
    await readPrepared(store, record.prepared),
    await readPrepared(store, record.embedded),
  ];
  return { pictures, features };
}

test.each<[string, SmallBackbone]>([
  ['channels first, the common operator set', {}],
  [
    'channels last, an old operator set, features that are not flat yet',
    { layout: 'channels-last', operatorSet: 11n, flat: false },
  ],
  ['pictures of any size, MatMul', { size: null, last: 'MatMul' }],
])('a project learns from the features of a backbone: %s', async (_, options) => {
  const farm = await createFarm(options);
  await initFruit(farm);
  const { context, record } = await train(farm);
  expect(context.lock.datasets.small).toMatchObject({ kind: 'backbone', files: 1, splits: {} });
  expect(Object.keys(record.data)).toEqual(['fruit', 'small']);
  expect(record.package.parity.classesDiffer).toBe(0);
  expect(record.preprocessing).toMatchObject({
    kind: 'image',
    size: options.size === null ? 224 : 32,
  });
  const { pictures, features } = await packagedFeatures(context, record);
  expect(features.index.shape).toEqual([featuresOfSmall]);
  expect(features.index.rows).toEqual(pictures.index.rows);

  // The file that serves takes pictures, and what main measures from it alone are the record's numbers.
  const session = await openSession(
    await context.store.get(record.package.onnx.digest),
    pictures.index.shape,
  );
  const values = new Float32Array(pictures.rowLength);
  pictures.fill(values, [0]);
  expect((await session.run(values, 1)).output).toHaveLength(2);
  const request = { champion: championOf(null), findings: [], cost: null, records: [] };
  const judged = await judge(context, { ...request, candidate: record });
  expect(judged.unmeasured).toBeNull();
  expect(judged.report.notices).toEqual([]);

  // What is alike is found by features of its own, whatever the record calls its features.
  expect(judged.report.nearDuplicates?.space).toBe('features');
  const forged = await judge(context, {
    ...request,
    candidate: { ...record, embedded: record.prepared },
  });
  expect(forged.report.nearDuplicates).toEqual(judged.report.nearDuplicates);
  expect(forged.report.attainable).toEqual(judged.report.attainable);
});

test('what is held back of photos is measured by the file that serves, with its backbone', async () => {
  const farm = await createFarm();
  await initFruit(farm);
  await farm.edit('pipeline/projects/fruit/project.ts', /split: \{/, 'split: { heldBack: 0.3,');
  await farm.mainstem('lock', 'fruit');
  const { context, record } = await train(farm);
  const { pictures, features } = await packagedFeatures(context, record);
  const found = await measureHeldBack(context, record, championOf(record));
  expect(found.examples).toBeGreaterThan(5);
  expect(found.examples + pictures.index.rows.length).toBe(2 * perClass);
  expect(features.index.rows).toHaveLength(pictures.index.rows.length);
  expect(found.metrics[0]?.name).toBe('accuracy');
  expect(found.metrics[0]?.value).toBeGreaterThan(0.7);
  expect(found.comparison).toMatchObject({ examples: found.examples, seen: 0 });
  expect(found.gates.filter(({ passed }) => !passed)).toEqual([]);
});

test('only new photos are computed, and features that are gone are computed again', async () => {
  const farm = await createFarm();
  await initFruit(farm);
  await train(farm);
  await writeFile(join(farm.root, 'data/fruit/apple/new.jpg'), await photoOf([0.88, 0.55, 0.1]));
  await farm.mainstem('lock', 'fruit');
  const more = await train(farm);
  expect(more.said).toContain(`Features of ${2 * perClass} photos are known.`);
  const known = await packagedFeatures(more.context, more.record);

  // What is remembered is damaged: nothing is known, and the features are the same.
  await rm(join(farm.root, '.mainstem'), { recursive: true });
  await farm.mainstem('lock', 'fruit');
  await mkdir(join(farm.root, '.mainstem/features'), { recursive: true });
  const again = await train(farm);
  expect(again.said.join()).not.toContain('are known');
  expect(again.record.embedded).toEqual(more.record.embedded);
  expect(known.features.index.rows).toHaveLength(2 * perClass + 1);
});

test('another backbone trains again, the same one does not; a missing or unfit one is named', async () => {
  const farm = await createFarm();
  await initFruit(farm);
  await train(farm);
  expect((await train(farm)).ran).toEqual([]);

  const path = join(farm.root, 'data/backbones/small.onnx');
  const other = smallBackbone({ last: 'MatMul' });
  for (const tensor of other.graph?.initializer ?? [])
    tensor.rawData = tensor.rawData.map((byte) => byte ^ 1);
  await writeFile(path, bytesOf(other));
  await farm.mainstem('lock', 'fruit');
  expect((await train(farm)).ran).toEqual(['embed', 'train', 'evaluate', 'package']);

  await farm.edit('pipeline/projects/fruit/params.json', '"imageSize": 32', '"imageSize": 48');
  await expect(train(farm)).rejects.toMatchObject({ code: 'BACKBONE_UNSUPPORTED' });
  await farm.edit('pipeline/projects/fruit/params.json', '"imageSize": 48', '"imageSize": 32');

  // A checkout brings it back.
  await rm(path);
  const checked = await farm.mainstem('checkout');
  expect(checked, checked.err).toMatchObject({ code: 0 });
  expect((await farm.mainstem('status', '--check')).code).toBe(0);
  await rm(path);
  const missing = await farm.mainstem('lock', 'fruit');
  expect(missing).toMatchObject({ code: 3 });
  expect(missing.err).toContain('DATA_MISSING');
});

test('what cannot be a backbone is refused before anything is written', async () => {
  const farm = await createFarm();
  const { mainstem, root } = farm;
  await writeFile(join(root, 'table.onnx'), 'a,b\n1,2\n');
  await cp(farm.net, join(root, 'Small Net (2).onnx'));
  const cases: [string[], number, string][] = [
    [['backbone', 'add', 'table.onnx'], 2, 'BACKBONE_UNSUPPORTED'],
    [['backbone', 'add', 'nowhere.onnx'], 2, 'BACKBONE_MISSING'],
    [['backbone', 'add', 'http://127.0.0.1:9/net.onnx'], 3, 'BACKBONE_UNREACHABLE'],
    [['backbone', 'add', 'data'], 3, 'FILE_UNREADABLE'],
    [['backbone', 'add', farm.net, '--features', 'nothing'], 2, 'BACKBONE_UNSUPPORTED'],
    [['backbone', 'add', farm.net, '--name', '../net'], 2, 'BACKBONE_NAME_INVALID'],
  ];
  for (const [args, code, error] of cases) {
    const refused = await mainstem(...args);
    expect(refused, args.join(' ')).toMatchObject({ code });
    expect(refused.err, args.join(' ')).toContain(error);
  }
  const wrong = await mainstem('backbone', 'add', farm.net, '--digest', 'ab'.repeat(32));
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.err).toContain('BACKBONE_OTHER');
  const added = await mainstem('backbone', 'add', 'Small Net (2).onnx');
  expect(added.err).toBe('');
  expect(added.out).toContain('data/backbones/small-net-2.onnx');
  expect(added.out).toContain('It makes 6 features (pooled) of a picture of 32 pixels.');
  // The same once more changes nothing; another file of that name is not written over it.
  expect((await mainstem('backbone', 'add', 'Small Net (2).onnx')).code).toBe(0);
  await writeFile(join(root, 'Small Net (2).onnx'), bytesOf(smallBackbone({ last: 'MatMul' })));
  const taken = await mainstem('backbone', 'add', 'Small Net (2).onnx');
  expect(taken.err).toContain('INIT_EXISTS');
});

test('a backbone comes from an address: its digest is asked for or said, its licence too, and nothing half is left', async () => {
  const { mainstem, root, net } = await createFarm();
  const file = await readFile(net);
  const digest = digestBytes(file);
  const answers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
    '/Net%20v2.onnx?token=secret': (response) => response.end(file),
    '/login': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    '/circle': (response) => response.writeHead(301, { location: '/circle' }).end(),
    '/cut': (response) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, 100), () => response.destroy());
    },
    '/table': (response) => response.end('a,b\n1,2\n'),
  };
  const server = createServer(({ url = '' }, response) => void answers[url]?.(response));
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const address = `${base}/Net%20v2.onnx?token=secret`;
  for (const [args, code, error] of [
    [[`${base}/login`], 3, 'a web page'],
    [[`${base}/circle`], 3, 'more than 5 times'],
    [[`${base}/cut`], 3, 'BACKBONE_UNREACHABLE'],
    [[`${base}/table`], 2, 'BACKBONE_UNSUPPORTED'],
    [[address, '--digest', `sha256:${'ab'.repeat(32)}`], 1, 'BACKBONE_OTHER'],
    [[address, '--digest', 'sha256:12'], 2, 'Give the SHA-256'],
  ] as const) {
    const refused = await mainstem('backbone', 'add', ...args);
    expect(refused, args.join(' ')).toMatchObject({ code });
    expect(refused.err, args.join(' ')).toContain(error);
    expect(existsSync(join(root, 'data/backbones')), args.join(' ')).toBe(false);
  }
  const trusted = await mainstem('backbone', 'add', address, '--json');
  expect(trusted, trusted.err).toMatchObject({ code: 0 });
  expect(JSON.parse(trusted.out)).toMatchObject({
    ...{ digest, known: false },
    definition: {
      ...{ name: 'net-20v2', path: 'data/backbones/net-20v2.onnx' },
      ...{ source: `${base}/Net%20v2.onnx`, licence: 'not stated' },
    },
    notes: [
      expect.stringContaining('the address was trusted this once'),
      expect.stringContaining('Its licence is not known'),
    ],
  });
  const pinned = await mainstem(
    ...['backbone', 'add', address, '--digest', digest, '--licence', 'MIT', '--json'],
  );
  expect(JSON.parse(pinned.out)).toMatchObject({ definition: { licence: 'MIT' }, notes: [] });
  expect(trusted.out + pinned.out).not.toContain('secret');

  const listed = await mainstem('backbone', 'list');
  expect(listed.out).toContain('mobilenetv2-12');
  expect(listed.out).toContain('Apache-2.0');
  expect(listed.out).toContain(
    'sha256:c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5',
  );
});

const unusable: [string, SmallBackbone, string][] = [
  [
    'features that are not numbers',
    { between: (graph, pooled) => graph.node('Log', [below(graph, pooled)]) },
    'the features of a picture hold NaN',
  ],
  [
    'features without end',
    {
      between: (graph, pooled) =>
        graph.node('Div', [graph.scalar(1), graph.node('Sub', [pooled, pooled])]),
    },
    'hold Infinity',
  ],
  [
    'random features',
    {
      between: (graph, pooled) =>
        graph.node('Add', [pooled, graph.node('RandomNormalLike', [pooled])]),
    },
    'differ from run to run',
  ],
  [
    'features less those of the whole batch',
    {
      between: (graph, pooled) =>
        graph.node('Sub', [pooled, graph.node('ReduceMean', [pooled], { axes: [0] })]),
    },
    'depend on the other pictures of its batch',
  ],
  [
    'features of the whole batch',
    { between: (graph, pooled) => graph.node('ReduceMax', [pooled], { axes: [0] }) },
    '6 numbers for one picture and 6 for 3',
  ],
  [
    'more memory than there is',
    {
      between: (graph, pooled) => {
        const filled = graph.node('ConstantOfShape', [graph.integers([2 ** 20, 2 ** 22])]);
        return graph.node('Add', [pooled, graph.node('ReduceMean', [filled])]);
      },
    },
    'of memory at once',
  ],
  [
    'features that know nothing of the picture',
    { between: (graph, pooled) => graph.node('Mul', [pooled, graph.scalar(0)]) },
    'are the same for every picture',
  ],
  ['pictures that are too large', { size: 60_000 }, 'pictures of 60000 by 60000 pixels'],
  ['pictures without pixels', { size: 0 }, 'pictures of 0 by 0 pixels'],
  ['pictures smaller than any', { size: 15 }, 'only 16 to 512'],
];

/** Below zero for every picture. */
function below(graph: OnnxGraph, pooled: string): string {
  return graph.node('Sub', [graph.scalar(-1), graph.node('Abs', [pooled])]);
}

test('a network that cannot be used is refused in words, and nothing else is said', async () => {
  const farm = await createFarm();
  for (const [what, options, reason] of unusable) {
    await writeFile(farm.net, bytesOf(smallBackbone(options)));
    const refused = await farm.mainstem('backbone', 'add', farm.net);
    expect(refused, what).toMatchObject({ code: 2, out: '' });
    expect(refused.err, what).toContain(reason);
    expect(refused.err, what).toMatch(/^BACKBONE_UNSUPPORTED Cannot use .*\n {2}Take .*\n$/);
  }
  expect(existsSync(join(farm.root, 'data/backbones'))).toBe(false);
});

test('a network of whole numbers is given pixels as they are, and its blocks are looked into like those of others', async () => {
  const farm = await createFarm();
  await writeFile(farm.net, bytesOf(smallBackbone({ castFrom: 2 })));
  const { code, out } = await farm.mainstem('backbone', 'add', farm.net);
  expect(code).toBe(0);
  expect(out).toContain('mean: [0, 0, 0], deviation: [1, 1, 1]');
  expect(out).toContain('whole numbers from 0 to 255');
  await writeFile(farm.net, bytesOf(smallBackbone()));
  const floats = await farm.mainstem('backbone', 'add', farm.net, '--name', 'floats');
  const blocks = (text: string) => text.split('\n').filter((line) => /block/.test(line));
  expect(blocks(out)).toEqual(blocks(floats.out));
});

test('a backbone that was put in place by hand is named, if its features are not numbers', async () => {
  const farm = await createFarm();
  await initFruit(farm);
  const path = join(farm.root, 'data/backbones/small.onnx');
  const damaged = smallBackbone({
    between: (graph, pooled) => graph.node('Log', [below(graph, pooled)]),
  });
  await writeFile(path, bytesOf(damaged));
  await farm.mainstem('lock', 'fruit');
  await expect(train(farm)).rejects.toMatchObject({
    code: 'BACKBONE_UNSUPPORTED',
    message: expect.stringContaining('data/backbones/small.onnx'),
  });
});
