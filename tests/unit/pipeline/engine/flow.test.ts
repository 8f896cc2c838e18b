import { writeFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import {
  createFlow,
  createMachine,
  defineStage,
  type FlowSelection,
  type StageContext,
} from '../../../../pipeline/engine/index.ts';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { hexOf } from '../../../../platform/lib/hash.ts';
import { ownMark } from '../../../../platform/lib/process-mark.ts';
import type { Project } from '../../../../platform/schemas/define/index.ts';
import { Artefact, type StageRecord } from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { buildRegression } from '../../../helpers/project.ts';
import {
  createRepository,
  type TemporaryRepository,
} from '../../../helpers/temporary-repository.ts';

const Count = Type.Object({ count: Type.Number() });
const Stored = Type.Object({ file: Artefact });

const sources = {
  'double.ts': "import { twice } from './helper.ts';\nexport const double = twice;\n",
  'helper.ts': "import { two } from './two.ts';\nexport const twice = (n) => n * two;\n",
  'two.ts': 'export const two = 2;\n',
  'store.ts': 'export const store = 1;\n',
};

/** What the tiny stages do, so that a test can change it. */
interface Behaviour {
  readonly double?: (input: number, learningRate: unknown) => number;
  readonly save?: (context: StageContext, text: string) => Promise<void>;
}

interface RunOptions extends FlowSelection {
  readonly input?: number;
  readonly project?: Project;
  readonly behaviour?: Behaviour;
  readonly workspace?: TemporaryRepository['workspace'];
  readonly noteReuse?: (record: StageRecord) => Promise<void>;
}

/** double (reads learningRate) → save (reads nothing). Returns what happened. */
async function run({ root, workspace }: TemporaryRepository, options: RunOptions = {}) {
  const { input = 21, project = buildRegression(), behaviour = {}, noteReuse, ...rest } = options;
  const ran: string[] = [];
  const store = { ...openStore(root), ...(noteReuse && { noteReuse }) };
  const flow = createFlow({ workspace, store, project, ...rest });
  const double = defineStage({
    name: 'double',
    entry: join(root, 'double.ts'),
    parameters: ['learningRate'],
    resources: { cpus: 1, memoryMb: 1 },
    outputs: Count,
    async run(_context, inputs: { readonly input: number }, { learningRate }) {
      ran.push('double');
      return { count: (behaviour.double ?? ((n) => n * 2))(inputs.input, learningRate) };
    },
  });
  const save = defineStage({
    name: 'save',
    entry: join(root, 'store.ts'),
    parameters: [],
    resources: { cpus: 1, memoryMb: 1 },
    outputs: Stored,
    async run(context, inputs: { readonly doubled: { readonly count: number } }) {
      ran.push('save');
      const text = String(inputs.doubled.count);
      await behaviour.save?.(context, text);
      return { file: await context.store.put(Buffer.from(text), 'text/plain') };
    },
  });
  const doubled = flow.stage(double, { input });
  const saved = flow.stage(save, { doubled });
  const summaries = await flow.finish();
  return { flow, ran, doubled: doubled.outputs, saved: saved.outputs, summaries };
}

const actions = (result: { summaries: { stage: string; action: string }[] }) =>
  Object.fromEntries(result.summaries.map(({ stage, action }) => [stage, action]));
const reasons = (result: { summaries: { stage: string; reasons: readonly string[] }[] }) =>
  Object.fromEntries(result.summaries.map((summary) => [summary.stage, summary.reasons]));

describe('reuse', () => {
  test('a second run reuses everything and gives the same outputs', async () => {
    const repository = await createRepository(sources);
    const first = await run(repository);
    expect(first.ran).toEqual(['double', 'save']);
    expect(first.doubled).toEqual({ count: 42 });
    const second = await run(repository);
    expect(second.ran).toEqual([]);
    expect(actions(second)).toEqual({ double: 'reused', save: 'reused' });
    expect(second.saved).toEqual(first.saved);
  });

  test('a store hears of what is used again, but not of what a dry run would use', async () => {
    const repository = await createRepository(sources);
    await run(repository);
    const heard: string[] = [];
    const noteReuse = async ({ ingredients }: StageRecord) => void heard.push(ingredients.stage);
    await run(repository, { noteReuse, dryRun: true });
    expect(heard).toEqual([]);
    await run(repository, { noteReuse });
    expect(heard).toEqual(['double', 'save']);
    await run(repository, { noteReuse, force: true });
    expect(heard).toEqual(['double', 'save']);
  });

  test('a comment changes nothing', async () => {
    const repository = await createRepository(sources);
    await run(repository);
    await repository.write({ 'two.ts': '// the only even prime\nexport const two = 2;\n' });
    expect((await run(repository)).ran).toEqual([]);
  });

  test('a changed helper of a helper runs the stage again', async () => {
    const repository = await createRepository(sources);
    await run(repository);
    await repository.write({ 'two.ts': 'export const two = 3;\n' });
    const again = await run(repository, { behaviour: { double: (n) => n * 3 } });
    expect(again.ran).toEqual(['double', 'save']);
    expect(reasons(again)).toEqual({ double: ['code two.ts changed'], save: ['double changed'] });
  });

  test('a stage whose upstream gives the same again is not run', async () => {
    const repository = await createRepository(sources);
    await run(repository);
    await repository.write({ 'two.ts': 'export const two = 1 + 1;\n' });
    const again = await run(repository);
    expect(actions(again)).toEqual({ double: 'ran', save: 'reused' });
  });

  test('only a parameter that the stage reads counts, and it is given no other', async () => {
    const repository = await createRepository(sources);
    await run(repository);
    expect((await run(repository, { project: buildRegression({ epochs: 9 }) })).ran).toEqual([]);
    const again = await run(repository, { project: buildRegression({ learningRate: 0.002 }) });
    expect(reasons(again).double).toEqual(['params.learningRate 0.001 → 0.002']);
    expect(actions(again)).toEqual({ double: 'ran', save: 'reused' });
  });

  test('going back to an earlier state finds its result', async () => {
    const repository = await createRepository(sources);
    await run(repository, { input: 1 });
    await run(repository, { input: 2 });
    expect((await run(repository, { input: 1 })).ran).toEqual([]);
  });

  test('an artefact that is gone from the store is made again', async () => {
    const repository = await createRepository(sources);
    const { saved } = await run(repository);
    await rm(join(repository.root, '.mainstem/store/objects'), { recursive: true });
    const again = await run(repository);
    expect(actions(again)).toEqual({ double: 'reused', save: 'ran' });
    expect(reasons(again).save).toEqual([
      `artefact ${saved?.file.digest} is missing from the store`,
    ]);
    expect((await run(repository)).ran).toEqual([]);
  });

  test('an artefact that is damaged in the store is made again, and then whole', async () => {
    const repository = await createRepository(sources);
    const { saved } = await run(repository);
    const digest = saved?.file.digest ?? 'sha256:';
    const store = openStore(repository.root);
    await writeFile(store.objects.pathOf(digest), 'other bytes');
    const again = await run(repository);
    expect(actions(again)).toEqual({ double: 'reused', save: 'ran' });
    expect(reasons(again).save).toEqual([`artefact ${digest} is damaged in the store`]);
    expect(await store.isIntact(digest)).toBe(true);
    expect((await run(repository)).ran).toEqual([]);
  });

  test('a damaged record is as if it were not there', async () => {
    const repository = await createRepository(sources);
    const { summaries } = await run(repository);
    for (const damage of [
      (text: string) => text.slice(0, -20),
      (text: string) => text.replace('"count"', '"c0unt"'),
      (text: string) => text.replace(/("seconds": )\d/, '$19'),
      (text: string) => text.replace('"checksum"', '"checksun"'),
      () => '',
    ]) {
      const path = openStore(repository.root).recordPath(summaries[0]?.key ?? 'sha256:');
      const text = await readFile(path, 'utf8');
      await writeFile(path, damage(text));
      expect(await readFile(path, 'utf8')).not.toBe(text);
      expect(actions(await run(repository))).toEqual({ double: 'ran', save: 'reused' });
      expect((await run(repository)).ran).toEqual([]);
    }
  });

  test('the reason for a backend does not count, its class does', async () => {
    const repository = await createRepository(sources);
    const train = (backend: { class: string; reason: string }) => {
      const { root, workspace } = repository;
      const flow = createFlow({ workspace, store: openStore(root), project: buildRegression() });
      const stage = defineStage({
        name: 'train',
        entry: join(root, 'two.ts'),
        parameters: [],
        resources: { cpus: 1, memoryMb: 1 },
        outputs: Count,
        run: async (_context, _inputs: { readonly backend: object }) => ({ count: 1 }),
      });
      flow.stage(stage, { backend });
      return flow.finish();
    };
    await train({ class: 'wasm', reason: 'asked for' });
    expect(await train({ class: 'wasm', reason: 'found' })).toMatchObject([{ action: 'reused' }]);
    expect(await train({ class: 'gpu', reason: 'found' })).toMatchObject([
      { action: 'ran', reasons: ['backend wasm → gpu'] },
    ]);
  });
});

describe('selection', () => {
  test('force runs everything, from runs a stage and what follows', async () => {
    const repository = await createRepository(sources);
    await run(repository);
    expect((await run(repository, { force: true })).ran).toEqual(['double', 'save']);
    const from = await run(repository, { from: 'save' });
    expect(from.ran).toEqual(['save']);
    expect(reasons(from).save).toEqual(['--from save']);
  });

  test('to stops after a stage', async () => {
    const repository = await createRepository(sources);
    const result = await run(repository, { to: 'double' });
    expect(result.ran).toEqual(['double']);
    expect(actions(result)).toEqual({ double: 'ran', save: 'skipped' });
  });

  test('a range that ends before it starts is rejected with the order of stages', async () => {
    const repository = await createRepository(sources);
    await expect(run(repository, { from: 'save', to: 'double' })).rejects.toMatchObject({
      code: 'STAGE_RANGE',
      hint: expect.stringContaining('double, save'),
    });
  });

  test('an unknown stage is rejected with the known names', async () => {
    const repository = await createRepository(sources);
    await expect(run(repository, { from: 'tarin' })).rejects.toMatchObject({
      code: 'STAGE_UNKNOWN',
      hint: expect.stringContaining('double, save'),
    });
  });
});

describe('a dry run', () => {
  test('says for a fresh tree that nothing has run yet', async () => {
    const repository = await createRepository(sources);
    const result = await run(repository, { dryRun: true });
    expect(result.ran).toEqual([]);
    expect(actions(result)).toEqual({ double: 'planned', save: 'planned' });
    expect(reasons(result).save).toEqual(['never run', 'depends on double']);
  });

  test('names what made a stage stale, and what may follow', async () => {
    const repository = await createRepository(sources);
    await run(repository);
    await repository.write({ 'helper.ts': 'export const twice = (n) => n + n;\n' });
    const project = buildRegression({ learningRate: 0.002 });
    const result = await run(repository, { dryRun: true, input: 7, project });
    expect(actions(result)).toEqual({ double: 'planned', save: 'unknown' });
    expect(reasons(result)).toEqual({
      double: [
        'params.learningRate 0.001 → 0.002',
        'input input 21 → 7',
        'code helper.ts changed',
        'code two.ts removed',
      ],
      save: ['depends on double'],
    });
    expect(result.ran).toEqual([]);
  });
});

describe('failure', () => {
  test('leaves a record, stops what follows, and is not reused', async () => {
    const repository = await createRepository(sources);
    const behaviour = {
      double: () => {
        throw new MainstemError('FILE_UNREADABLE', { path: 'a.csv', reason: 'ENOENT' });
      },
    };
    const first = await run(repository, { behaviour });
    expect(actions(first)).toEqual({ double: 'failed', save: 'skipped' });
    expect(reasons(first).save).toEqual(['double failed']);
    expect(() => first.flow.assertSucceeded()).toThrow(
      'Cannot read a.csv: there is nothing there.',
    );
    const second = await run(repository);
    expect(actions(second)).toEqual({ double: 'ran', save: 'ran' });
    expect(reasons(second).double).toEqual(['failed last time: FILE_UNREADABLE']);
  });

  test('keeps the facts of the error in the record', async () => {
    const repository = await createRepository(sources);
    const { key } = (await run(repository, { dryRun: true })).summaries[0] ?? {};
    const behaviour = {
      double: () => {
        throw new MainstemError('JSON_INVALID', {
          path: 'x',
          reason: 'y',
          findings: [{ count: 2 }],
        });
      },
    };
    await run(repository, { behaviour });
    const record = key && (await openStore(repository.root).readRecord(key));
    expect(record).toMatchObject({
      status: 'failed',
      outputs: { findings: [{ count: 2 }] },
      error: { code: 'JSON_INVALID', message: 'x is not valid: y.' },
    });
  });

  test('an output that JSON cannot hold fails the stage that returned it', async () => {
    const repository = await createRepository(sources);
    const result = await run(repository, { behaviour: { double: () => Number.NaN } });
    expect(result.summaries[0]?.error).toEqual({
      code: 'STAGE_OUTPUT_INVALID',
      message: 'Stage "double" returned something other than it declares: NaN has no JSON form.',
    });
  });

  test('of a forced run does not take away the earlier result', async () => {
    const repository = await createRepository(sources);
    await run(repository);
    const fails = {
      double: () => {
        throw new Error('no luck');
      },
    };
    expect(actions(await run(repository, { force: true, behaviour: fails })).double).toBe('failed');
    expect((await run(repository)).ran).toEqual([]);
  });
});

describe('interruption', () => {
  test('leaves no record and keeps the scratch folder, where the next run resumes', async () => {
    const repository = await createRepository(sources);
    const controller = new AbortController();
    const workspace = { ...repository.workspace, signal: controller.signal };
    const save = async ({ scratch }: StageContext) => {
      await writeFile(join(scratch, 'checkpoint'), 'half');
      controller.abort(new MainstemError('INTERRUPTED'));
      throw new Error('stopped in the middle');
    };
    const killed = await run(repository, { workspace, behaviour: { save } });
    expect(killed.summaries[1]).toMatchObject({ action: 'failed', error: { code: 'INTERRUPTED' } });
    let found = '';
    const goesOn = async ({ scratch }: StageContext) => {
      found = await readFile(join(scratch, 'checkpoint'), 'utf8');
    };
    const second = await run(repository, { behaviour: { save: goesOn } });
    expect(found).toBe('half');
    expect(actions(second)).toEqual({ double: 'reused', save: 'ran' });
    const scratch = join(
      repository.root,
      '.mainstem/scratch',
      hexOf(second.summaries[1]?.key ?? 'sha256:'),
    );
    await expect(readFile(join(scratch, 'checkpoint'))).rejects.toThrow('ENOENT');
  });
});

test('a stage over its limit fails with the limit, and goes on where it was once that is raised', async () => {
  const repository = await createRepository(sources);
  const limited = (minutes: number): Project => {
    const project = buildRegression();
    return { ...project, definition: { ...project.definition, limits: { minutes } } };
  };
  const waits = async ({ scratch, workspace: { signal } }: StageContext) => {
    await writeFile(join(scratch, 'checkpoint'), 'half');
    await sleep(60_000, undefined, { signal });
  };
  const slow = await run(repository, {
    project: limited(0.05 / 60),
    behaviour: { save: waits },
  });
  expect(slow.summaries[1]).toMatchObject({ action: 'failed', error: { code: 'STAGE_LIMIT' } });
  let found = '';
  const goesOn = async ({ scratch }: StageContext) => {
    found = await readFile(join(scratch, 'checkpoint'), 'utf8');
  };
  const second = await run(repository, { project: limited(5), behaviour: { save: goesOn } });
  expect(found).toBe('half');
  expect(actions(second)).toEqual({ double: 'reused', save: 'ran' });
});

/** What happens around the moment at which a stage loads its code. */
interface Edits {
  readonly before?: Readonly<Record<string, string>>;
  readonly waitMs?: number;
  readonly after?: Readonly<Record<string, string>>;
  readonly stop?: () => void;
}

describe('code that changes while a stage runs', () => {
  const other = { 'two.ts': 'export const two = 3;\n' };
  const original = { 'two.ts': sources['two.ts'] };
  /** As a process would that loads the code at some moment. */
  const factor = async (root: string) =>
    Number(/two = (\d)/.exec(await readFile(join(root, 'two.ts'), 'utf8'))?.[1]);

  /** Runs one stage whose result is what the code says in the middle of it, with edits around that moment. */
  async function runEdited({ root, workspace, write }: TemporaryRepository, edits: Edits = {}) {
    const flow = createFlow({ workspace, store: openStore(root), project: buildRegression() });
    const stage = defineStage({
      name: 'double',
      entry: join(root, 'double.ts'),
      parameters: [],
      resources: { cpus: 1, memoryMb: 1 },
      outputs: Count,
      async run({ scratch }) {
        const resumed = await readFile(join(scratch, 'checkpoint'), 'utf8').catch(() => null);
        await write({ ...edits.before });
        const count = Number(resumed ?? (await factor(root)));
        await writeFile(join(scratch, 'checkpoint'), String(count));
        await sleep(edits.waitMs ?? 0);
        await write({ ...edits.after });
        edits.stop?.();
        workspace.signal.throwIfAborted();
        return { count };
      },
    });
    const handle = flow.stage(stage, {});
    const [summary] = await flow.finish();
    return { summary, outputs: handle.outputs };
  }

  test.for([
    ['changed before it is loaded', { before: other }],
    ['changed after it was loaded', { after: other }],
    ['changed and put back', { before: other, waitMs: 2_500, after: original }],
    ['made unreadable', { before: { 'helper.ts': 'export const twice = (;\n' } }],
    ['made longer', { before: { 'two.ts': "export { two } from './three.ts';\n" } }],
  ] as const)('is refused if it was %s', async ([, edits]) => {
    const repository = await createRepository(sources);
    const key = await runEdited(repository, edits);
    expect(key.summary).toMatchObject({ action: 'failed', error: { code: 'CODE_CHANGED' } });
    expect(await readdir(join(repository.root, '.mainstem/scratch'))).toEqual([]);
    await repository.write(sources);
    const again = await runEdited(repository);
    expect(again.summary).toMatchObject({ action: 'ran', reasons: ['never run'] });
    expect(again.outputs).toEqual({ count: 2 });
  });

  test('gives a result for each state of the code that stayed, and never for another', async () => {
    const repository = await createRepository(sources);
    expect((await runEdited(repository, { after: other })).outputs).toBeNull();
    expect((await runEdited(repository)).outputs).toEqual({ count: 3 });
    await repository.write(original);
    expect((await runEdited(repository)).outputs).toEqual({ count: 2 });
  });

  test('may get comments', async () => {
    const repository = await createRepository(sources);
    const comment = { 'two.ts': `// the only even prime\n${sources['two.ts']}` };
    expect((await runEdited(repository, { before: comment })).outputs).toEqual({ count: 2 });
  });

  test('leaves nothing to resume from if the run is stopped', async () => {
    const repository = await createRepository(sources);
    const controller = new AbortController();
    const workspace = { ...repository.workspace, signal: controller.signal };
    const stop = () => controller.abort(new MainstemError('INTERRUPTED'));
    const { summary } = await runEdited({ ...repository, workspace }, { before: other, stop });
    expect(summary?.error?.code).toBe('INTERRUPTED');
    await repository.write(original);
    expect((await runEdited(repository)).outputs).toEqual({ count: 2 });
  });

  test('is refused before a stage begins if it changed while an earlier one ran', async () => {
    const repository = await createRepository(sources);
    const double = (n: number) => {
      writeFileSync(join(repository.root, 'store.ts'), 'export const store = 2;\n');
      return n * 2;
    };
    const result = await run(repository, { behaviour: { double } });
    expect(actions(result)).toEqual({ double: 'ran', save: 'failed' });
    expect(() => result.flow.assertSucceeded()).toThrow('code store.ts changed');
    expect(result.ran).toEqual(['double']);
    expect((await run(repository)).ran).toEqual(['save']);
  });
});

describe('side by side', () => {
  /** Runs stages that note when they begin and end; each takes 30 ms. */
  async function overlap(cpus: number, stages: readonly number[]): Promise<number> {
    const { root, workspace } = await createRepository(sources);
    const machine = createMachine({ cpus, memoryMb: 100, gpus: 0 });
    const flow = createFlow({
      workspace,
      store: openStore(root),
      project: buildRegression(),
      machine,
    });
    let busy = 0;
    let most = 0;
    stages.forEach((wanted, index) => {
      const stage = defineStage({
        name: `stage-${index}`,
        entry: join(root, 'two.ts'),
        parameters: [],
        resources: { cpus: wanted, memoryMb: 1 },
        outputs: Count,
        run: async () => {
          busy += wanted;
          most = Math.max(most, busy);
          await sleep(30);
          busy -= wanted;
          return { count: 1 };
        },
      });
      flow.stage(stage, {});
    });
    const summaries = await flow.finish();
    expect(summaries.every(({ action }) => action === 'ran')).toBe(true);
    return most;
  }

  test('independent stages run at once as far as the processors go', async () => {
    expect(await overlap(2, [1, 1, 1, 1])).toBe(2);
    expect(await overlap(4, [1, 1, 1, 1])).toBe(4);
  });

  test('a stage that needs more than the machine has runs alone', async () => {
    expect(await overlap(2, [8, 8])).toBe(8);
  });

  test('two processes that want the same work do it once', async () => {
    const repository = await createRepository(sources);
    const slow = { save: () => sleep(150).then(() => undefined) };
    const heard: string[] = [];
    const noteReuse = async ({ ingredients }: StageRecord) => void heard.push(ingredients.stage);
    const both = await Promise.all([
      run(repository, { behaviour: slow, noteReuse }),
      run(repository, { behaviour: slow, noteReuse }),
    ]);
    expect(both.flatMap(({ ran }) => ran).sort()).toEqual(['double', 'save']);
    // The other one, which waited for it, has used each result once.
    expect(heard.sort()).toEqual(['double', 'save']);
    expect(both[0].saved).toEqual(both[1].saved);
  });

  test('a lock that a dead process left is taken over', async () => {
    const repository = await createRepository(sources);
    const { summaries } = await run(repository, { dryRun: true });
    const name = `${hexOf(summaries[0]?.key ?? 'sha256:')}.json`;
    const [place = ''] = ownMark().split('-');
    const dead = JSON.stringify({ process: `${place}-${2 ** 22 + 1}-1`, turn: 1 });
    await repository.write({ [`.mainstem/locks/${name}`]: dead });
    expect((await run(repository)).ran).toEqual(['double', 'save']);
  });

  test('a stage may be used twice under two names, and one may wait for another', async () => {
    const { root, workspace } = await createRepository(sources);
    const order: string[] = [];
    const flow = createFlow({ workspace, store: openStore(root), project: buildRegression() });
    const stage = defineStage({
      name: 'count',
      entry: join(root, 'two.ts'),
      parameters: [],
      resources: { cpus: 1, memoryMb: 1 },
      outputs: Count,
      run: async (_context, { name }: { readonly name: string }) => {
        order.push(name);
        await sleep(name === 'first' ? 30 : 0);
        order.push(`${name} done`);
        return { count: 1 };
      },
    });
    const first = flow.stage(stage, { name: 'first' });
    flow.stage(stage, { name: 'second' }, { as: 'count-other', after: [first] });
    expect((await flow.finish()).map((summary) => summary.stage)).toEqual(['count', 'count-other']);
    expect(order).toEqual(['first', 'first done', 'second', 'second done']);
  });
});
