import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import {
  checkoutDataset,
  checkStore,
  collectReferences,
  createFolderRemote,
  lockProject,
  openStore,
  pull,
  push,
  readLock,
  readStatus,
} from '../../../../platform/storage/index.ts';
import { buildProject } from '../../../helpers/project.ts';

/*
 * Every two commands of the data layer at once, as two processes would run them: each with a store of its own. Both must
 * end well, and afterwards the lock, the store, the data and the remote must be whole.
 */

const names = ['apples', 'pears'] as const;
const folders: string[] = [];
let original = '';

beforeAll(async () => {
  original = await makeRepository();
  const world = openWorld(original);
  for (const name of names) await world.commands[`lock ${name}`]();
  await world.commands.push();
});
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function makeRepository(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-at-once-'));
  folders.push(folder);
  const root = join(folder, 'repository');
  for (const name of names) {
    for (let file = 0; file < 40; file++) {
      await write(
        join(root, 'data', name, file % 2 ? 'good' : 'bad', `${file}.jpg`),
        `${name} ${file}`,
      );
    }
    await write(join(root, 'data', name, 'good', 'large.jpg'), Buffer.alloc(1_100_000, name));
  }
  return root;
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

const projectOf = (root: string, name: string) => {
  const data = { name, path: `data/${name}`, source: 'the garden', licence: 'CC0-1.0' };
  return buildProject(root, { name, data, classes: ['good', 'bad'] });
};

/** The commands, as somebody starts them in this repository; each opens the store for itself. */
function openWorld(root: string) {
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const remote = createFolderRemote(join(root, '..', 'remote'));
  const open = () => ({ workspace, store: openStore(root), remote });
  const references = async (store = openStore(root)) =>
    collectReferences(store, { root, lock: await readLock(root) });
  const lockedData = async (name: string) => {
    const locked = (await readLock(root)).datasets[name];
    if (!locked) throw new Error(`${name} is locked`);
    return locked;
  };
  const check = async (repair: boolean) => {
    const options = { references: await references(), now: Date.now(), repair };
    return checkStore(workspace, openStore(root), options);
  };
  const commands = {
    'lock apples': () => lockProject(workspace, openStore(root), projectOf(root, 'apples')),
    'lock pears': () => lockProject(workspace, openStore(root), projectOf(root, 'pears')),
    status: async () =>
      readStatus(workspace, openStore(root), await readLock(root), projectOf(root, 'apples')),
    checkout: async () =>
      checkoutDataset(workspace, openStore(root), await lockedData('apples'), true),
    push: async () => push(open(), await references()),
    pull: async () => {
      const ends = open();
      return pull(ends, () => references(ends.store));
    },
    'fsck --repair': () => check(true),
  };
  return { commands, check };
}

type Command = keyof ReturnType<typeof openWorld>['commands'];
const all: readonly Command[] = [
  ...(['lock apples', 'lock pears', 'status', 'checkout'] as const),
  ...(['push', 'pull', 'fsck --repair'] as const),
];
const pairs = all.flatMap((one, at) => all.slice(at).map((other) => [one, other] as const));

test.each(pairs)('%s and %s at once are as one after the other', async (one, other) => {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-at-once-'));
  folders.push(folder);
  await cp(dirname(original), folder, { recursive: true, preserveTimestamps: true });
  const root = join(folder, 'repository');
  // Something to do for everybody: a photo is new, one is gone, one blob in the store is damaged.
  for (const name of names) await write(join(root, 'data', name, 'good', 'new.jpg'), `new ${name}`);
  await rm(join(root, 'data', 'apples', 'bad', '0.jpg'));
  await damage(root);
  const { commands, check } = openWorld(root);
  await Promise.all([commands[one](), commands[other]()]);

  const locked = [one, other]
    .filter((name) => name.startsWith('lock'))
    .map((name) => name.slice(5));
  const { datasets } = await readLock(root);
  for (const name of names) {
    // 41 files; those of apples are one more and one less.
    const isNew = locked.includes(name);
    const checkedOut = name === 'apples' && [one, other].includes('checkout');
    if (!checkedOut) expect(datasets[name]?.files).toBe(name === 'apples' || !isNew ? 41 : 42);
  }
  await commands.pull();
  const { findings, leftovers } = await check(false);
  expect({ findings, leftovers }).toEqual({ findings: [], leftovers: [] });
  await commands.checkout();
  expect(await commands.status()).toMatchObject([{ state: 'clean', missing: [] }]);
  await rm(folder, { recursive: true, force: true });
});

async function damage(root: string): Promise<void> {
  const store = openStore(root);
  const [pack] = store.packs.packs();
  const [entry] = pack?.index.entries() ?? [];
  if (!pack || !entry) throw new Error('the store has a pack');
  const bytes = await readFile(pack.path);
  bytes[entry.offset] = (bytes[entry.offset] ?? 0) ^ 1;
  await writeFile(pack.path, bytes);
}

test('two locks of different projects keep both, whichever is slower', async () => {
  for (let round = 0; round < 3; round++) {
    const root = await makeRepository();
    const { commands } = openWorld(root);
    await Promise.all([commands['lock apples'](), commands['lock pears']()]);
    expect(Object.keys((await readLock(root)).datasets).sort()).toEqual([...names]);
  }
});
