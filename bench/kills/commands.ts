import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFile, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listFiles } from '../../platform/lib/files.ts';
import { git } from '../../platform/lib/git.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import {
  checkStore,
  collectReferences,
  openStore,
  readLock,
} from '../../platform/storage/index.ts';
import { decodeIndex } from '../../platform/storage/store/pack-index.ts';
import { cloneHere } from '../../tests/helpers/clone.ts';
import type { KilledCommand, KilledPlaces } from '../../tests/helpers/kills.ts';
import { writeDigitsProject } from '../data/digits-project.ts';
import { writeDigits } from '../data/files.ts';

const run = promisify(execFile);
const files = 3000;

/** Commands to kill in a clone of this repository, with two projects: many small files, and a table to train on. */
export interface Commands {
  readonly commands: readonly KilledCommand[];
  readonly places: KilledPlaces;
  readonly repair: () => Promise<void>;
}

/** Makes the clone, runs everything once and keeps the states from which the commands are started. */
export async function createCommands(folder: string): Promise<Commands> {
  const bench = await createBench(folder);
  await bench.makeStates();
  return {
    commands: [
      ...dataCommands(bench),
      ...trainingCommands(bench),
      ...modelCommands(bench),
      repairCommand(bench),
      gcCommand(bench),
    ],
    places: bench,
    repair: () => fsck(bench, true).then(() => undefined),
  };
}

type Bench = Awaited<ReturnType<typeof createBench>>;

async function createBench(folder: string) {
  const root = await cloneHere(folder);
  const remote = join(folder, 'remote');
  const kept = (state: string) => join(folder, 'states', state);
  const start = (...args: string[]): ChildProcess => spawnCommand(root, args);
  const mainstem = (...args: string[]) =>
    run(process.execPath, argumentsOf(root, args), optionsOf(root));
  const keep = async (state: string) => {
    await cp(join(root, '.mainstem'), kept(state), { recursive: true, preserveTimestamps: true });
    await git(root, 'tag', '--force', state);
  };
  /** Goes back to a state of `.mainstem` and of the commits. */
  const restore = async (state: string) => {
    await git(root, 'reset', '--quiet', '--hard', state);
    await rm(join(root, '.mainstem'), { recursive: true, force: true });
    await cp(kept(state), join(root, '.mainstem'), { recursive: true, preserveTimestamps: true });
  };
  const commit = async (message: string) => {
    await git(root, 'add', '--all');
    await git(root, 'commit', '--quiet', '-m', message);
  };
  return {
    ...{ root, remote, start, mainstem, restore },
    async makeStates() {
      await appendFile(join(root, '.git/info/exclude'), 'compile-cache\n');
      for (const path of ['data.lock.json', 'pipeline/projects/pumpkins']) {
        await rm(join(root, path), { recursive: true });
      }
      await writeDigitsProject(root);
      writeDigits(join(root, 'data', 'digits'), files);
      await allowLatency(root);
      await shortenTraining(root, 0.01);
      await mainstem('lock', 'penguins');
      await git(root, 'add', '--all');
      // In place of the first commit, whose datasets are in no store: gc deletes nothing while some commit needs them.
      await git(root, 'commit', '--quiet', '--amend', '-m', 'Two projects');
      await git(root, 'reflog', 'expire', '--expire=now', '--all');
      await keep('locked');
      await mainstem('experiment', 'penguins');
      await keep('first');
      await mainstem('promote', 'penguins');
      await shortenTraining(root, 0.02);
      await mainstem('experiment', 'penguins');
      await keep('candidate');
      await mainstem('promote', 'penguins');
      await keep('promoted');
      await mainstem('lock', 'digits');
      await commit('Digits');
      await keep('all');
      await restore('promoted');
      await withTwiceTheDigits(root, () => mainstem('lock', 'digits'));
      await mainstem('lock', 'digits');
      await git(root, 'reset', '--quiet', '--hard', 'all');
      await keep('unneeded');
    },
  };
}

/** Runs work while there are twice as many digits: what only it stores shares packs with what is needed. */
async function withTwiceTheDigits(root: string, work: () => Promise<unknown>): Promise<void> {
  const [data, aside] = ['digits', 'aside'].map((name) => join(root, 'data', name)) as [
    string,
    string,
  ];
  await rename(data, aside);
  writeDigits(data, 2 * files);
  await work();
  await rm(data, { recursive: true });
  await rename(aside, data);
}

function argumentsOf(root: string, args: readonly string[]): string[] {
  const preload = join(root, 'platform/lib/use-bundles.js');
  return ['--import', preload, join(root, 'pipeline/cli/cli.ts'), ...args];
}

function spawnCommand(root: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, argumentsOf(root, args), { ...optionsOf(root), detached: true });
}

function optionsOf(root: string) {
  const NODE_COMPILE_CACHE = join(root, 'compile-cache');
  return { cwd: root, env: { ...process.env, NODE_COMPILE_CACHE, NO_COLOR: '1' } };
}

/** On a busy machine the model may be slower than its budget, and then its gate fails. */
async function allowLatency(root: string): Promise<void> {
  const path = join(root, 'pipeline/projects/penguins/project.ts');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/latencyMs: [\d.]+/, 'latencyMs: 10_000'));
}

/** Few epochs; another learning rate makes another run. */
async function shortenTraining(root: string, learningRate: number): Promise<void> {
  const path = join(root, 'pipeline/projects/penguins/params.json');
  const parameters: object = JSON.parse(await readFile(path, 'utf8'));
  const short = { ...parameters, epochs: 10, earlyStopping: 0, learningRate };
  await writeFile(path, `${JSON.stringify(short, null, 2)}\n`);
}

function dataCommands(bench: Bench): KilledCommand[] {
  const { root, remote, start, restore } = bench;
  const data = join(root, 'data', 'digits');
  return [
    {
      name: 'lock',
      prepare: () => restore('promoted'),
      start: () => start('lock', 'digits'),
      result: async () => {
        const text = await readFile(join(root, 'data.lock.json'), 'utf8');
        const result = `${text} ${await fsck(bench)}`;
        await git(root, 'checkout', '--quiet', '--', 'data.lock.json');
        return result;
      },
    },
    {
      name: 'push',
      prepare: async () => {
        await restore('all');
        await rm(remote, { recursive: true, force: true });
      },
      start: () => start('push', '--remote', remote),
      result: () => describeRemote(remote),
    },
    {
      name: 'pull',
      // The remote is as `push`, which comes before, has left it.
      prepare: async () => {
        await restore('all');
        await rm(join(root, '.mainstem'), { recursive: true, force: true });
      },
      start: () => start('pull', '--remote', remote),
      result: () => fsck(bench),
    },
    {
      name: 'checkout',
      prepare: async () => {
        await restore('all');
        await rm(data, { recursive: true, force: true });
      },
      start: () => start('checkout'),
      result: () => describeFolder(data),
    },
  ];
}

function trainingCommands({ root, start, restore }: Bench): KilledCommand[] {
  const candidate = join(root, '.mainstem/runs/penguins/candidate.json');
  return ['run', 'experiment'].map((name) => ({
    name,
    prepare: () => restore('locked'),
    start: () => start(name, 'penguins'),
    result: async () => {
      const {
        key,
        training,
        package: packed,
        evaluation,
      } = JSON.parse(await readFile(candidate, 'utf8'));
      return JSON.stringify([key, training.weights, packed.onnx, evaluation.metrics]);
    },
  }));
}

function modelCommands({ root, start, restore }: Bench): KilledCommand[] {
  const pointer = 'models/penguins/production.json';
  const result = async () => {
    const [text, commits] = await Promise.all([
      git(root, 'show', `HEAD:${pointer}`),
      git(root, 'rev-list', '--count', 'HEAD'),
    ]);
    const { run: name, record } = JSON.parse(text);
    return `${name} ${record} ${commits}`;
  };
  const since = (state: string) => git(root, 'rev-list', '--count', `${state}..HEAD`);
  const isDone = (state: string) => async () => (await since(state)) !== '0';
  return [
    {
      name: 'promote',
      prepare: async () => {
        await restore('candidate');
        await shortenTraining(root, 0.02);
      },
      start: () => start('promote', 'penguins'),
      result,
      isDone: isDone('candidate'),
    },
    {
      name: 'rollback',
      prepare: () => restore('promoted'),
      start: () => start('rollback', 'penguins'),
      result,
      isDone: isDone('promoted'),
    },
  ];
}

/** A flipped bit, and what an earlier version left. */
function repairCommand(bench: Bench): KilledCommand {
  const { root, start, restore } = bench;
  const packs = join(root, '.mainstem/store/packs');
  return {
    name: 'fsck --repair',
    prepare: async () => {
      await restore('all');
      const [name = ''] = (await readdir(packs)).filter((file) => file.endsWith('.pack')).sort();
      const bytes = await readFile(join(packs, name));
      bytes[60] = (bytes[60] ?? 0) ^ 1;
      await writeFile(join(packs, name), bytes);
    },
    // It ends with 1 because it found something; the next one finds what is missing.
    start: () => start('fsck', '--repair'),
    exits: [0, 1],
    result: () => fsck(bench),
  };
}

/** Half of what the packs hold is needed by nothing. */
function gcCommand(bench: Bench): KilledCommand {
  const { start, restore } = bench;
  return {
    name: 'gc --delete',
    prepare: () => restore('unneeded'),
    start: () => start('gc', '--delete', '--grace', '0'),
    result: () => fsck(bench),
  };
}

/** Checks the store; what is in it and what was found, as text. */
async function fsck({ root }: KilledPlaces, repair = false): Promise<string> {
  const store = openStore(root);
  const lock = await readLock(root);
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const references = await collectReferences(store, { root, lock });
  const options = { references, now: Date.now(), repair, data: ['data/digits'] };
  const { findings } = await checkStore(workspace, store, options);
  const packed = store.packs.packs().flatMap(({ index }) => index.entries());
  const whole = await store.objects.list();
  store.close();
  const blobs = new Set([...packed.map(({ digest }) => digest), ...whole]);
  const found = findings.map(({ code, digest }) => `${code} ${digest}`);
  return digestBytes([...blobs].sort().join('\n')) + found.sort().join('\n');
}

/** Every blob and record of a remote, however they are packed. */
async function describeRemote(remote: string): Promise<string> {
  const names = await readdir(remote, { recursive: true });
  const single = names.filter((name) => /^(objects|records)\//.test(name));
  const packed: string[] = [];
  for (const name of names.filter((file) => file.endsWith('.idx'))) {
    const index = decodeIndex(await readFile(join(remote, name)));
    packed.push(...(index?.entries() ?? []).map(({ digest }) => digest));
  }
  return digestBytes([...new Set([...single, ...packed])].sort().join('\n'));
}

async function describeFolder(folder: string): Promise<string> {
  const paths = await listFiles(folder);
  const lines = await Promise.all(
    paths.map(async (path) => `${path} ${digestBytes(await readFile(join(folder, path)))}`),
  );
  return digestBytes(lines.join('\n'));
}
