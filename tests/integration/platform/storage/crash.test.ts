import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Digest } from '../../../../platform/lib/hash.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { ownMark } from '../../../../platform/lib/process-mark.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import {
  checkStore,
  createFolderRemote,
  openStore,
  push,
} from '../../../../platform/storage/index.ts';
import { createPackWriter } from '../../../../platform/storage/store/pack.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mainstem-crash-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const workspace = () => ({
  root,
  reporter: silentReporter,
  signal: new AbortController().signal,
});

function startWriter(name: string, packs?: number) {
  const script = join(import.meta.dirname, '../../../fixtures/data-writer.ts');
  const args = [script, root, name, ...(packs === undefined ? [] : [`${packs}`])];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function fsck(digests: Iterable<Digest>, repair = false) {
  const blobs = new Map([...digests].map((digest) => [digest, 'a writer']));
  const references = { blobs, records: new Map<Digest, string>() };
  const options = { references, now: Date.now(), repair, data: ['data/fruit'] };
  return checkStore(workspace(), openStore(root), options);
}

function digestsIn(line: string): Digest[] {
  return line.split(' ').map((text): Digest => `sha256:${text.slice('sha256:'.length)}`);
}

test('a process killed while storing leaves a clean store with everything that it reported as stored', async () => {
  for (let round = 0; round < 3; round++) {
    const writer = startWriter(`round-${round}`);
    const stored: Digest[] = [];
    let lines = 0;
    for await (const line of createInterface({ input: writer.stdout })) {
      stored.push(...digestsIn(line));
      if (++lines === 5) setTimeout(() => writer.kill('SIGKILL'), round * 3);
    }
    expect(stored.length).toBeGreaterThanOrEqual(100);
    expect((await fsck(stored)).findings).toEqual([]);
  }
});

test('two processes that store at the same time lose nothing', async () => {
  const writers = ['a', 'b', 'a'].map((name) => startWriter(name, 8));
  const stored = await Promise.all(
    writers.map(async (writer) => {
      const lines: string[] = [];
      for await (const line of createInterface({ input: writer.stdout })) lines.push(line);
      if (writer.exitCode === null) await once(writer, 'exit');
      expect(writer.exitCode).toBe(0);
      return lines.flatMap(digestsIn);
    }),
  );
  const { findings } = await fsck(stored.flat());
  expect(findings).toEqual([]);
});

test('an unfinished pack is not part of the store, and repair removes it when it is a day old', async () => {
  const store = openStore(root);
  const { digest } = await store.put(Buffer.from('kept'));
  await store.putMany(blobsOf('packed'));
  const writer = createPackWriter(join(store.packs.folder, 'cut.tmp'));
  writer.append(digestBytes('lost'), Buffer.from('lost'));
  writer.close();
  await utimes(join(store.packs.folder, 'cut.tmp'), 1e9, 1e9);
  expect(await openStore(root).has(digestBytes('lost'))).toBe(false);
  const file = '.mainstem/store/packs/cut.tmp';
  const found = await fsck([digest, digestBytes('packed')]);
  expect(found).toMatchObject({ findings: [], leftovers: [{ file, removed: false }] });
  expect(await fsck([], true)).toMatchObject({ leftovers: [{ file, removed: true }] });
  expect(await fsck([])).toMatchObject({ leftovers: [] });
});

/** The mark of a process that has ended. */
const ended = `${ownMark().split('-')[0]}-4194305-1`;

test('repair removes at once what ended processes left, wherever it is, and names it', async () => {
  const store = openStore(root);
  await store.putMany(blobsOf('packed'));
  const files = [
    `data.lock.json.0123abcd.${ended}.tmp`,
    `models/pumpkins/production.json.0123abcd.${ended}.tmp`,
    `.mainstem/store/packs/0123abcd.${ended}.tmp`,
    `.mainstem/store/records/0123abcd.${ended}.tmp`,
    `.mainstem/stat-cache/f00.0123abcd.${ended}.tmp`,
    `data/fruit/apple/.0123abcd.${ended}.tmp`,
  ];
  for (const file of files) await writeBelow(file, 'half');
  const outgoing = `.mainstem/store/outgoing-0123abcd.${ended}.tmp`;
  await writeBelow(`${outgoing}/whole.pack`, 'half');
  await writeBelow(`.mainstem/store/packs/0123abcd.${ownMark()}.tmp`, 'still being written');
  await writeBelow('.mainstem/locks/x.json', JSON.stringify({ process: ended, turn: 1 }));
  await writeBelow('.mainstem/locks/y.json', JSON.stringify({ process: ownMark(), turn: 1 }));
  const { findings, leftovers } = await fsck([digestBytes('packed')], true);
  expect(findings).toEqual([]);
  expect(leftovers.map(({ file }) => file).sort()).toEqual(
    [...files, outgoing, '.mainstem/locks/x.json'].sort(),
  );
  expect((await fsck([])).leftovers).toEqual([]);
  expect(await readdir(join(root, '.mainstem/locks'))).toEqual(['y.json']);
});

test('a pack that was published without its index keeps what nothing else holds, and is removed otherwise', async () => {
  const store = openStore(root);
  await store.putMany(blobsOf('one', 'two'));
  const [pack] = store.packs.packs();
  if (!pack) throw new Error('there is a pack');
  await rm(pack.path.replace(/pack$/, 'idx'));
  const digests = ['one', 'two'].map(digestBytes);
  expect((await fsck(digests)).findings).toMatchObject([
    { code: 'INDEX_DAMAGED' },
    { code: 'STORE_MISSING' },
    { code: 'STORE_MISSING' },
  ]);
  expect((await fsck(digests, true)).findings).toMatchObject([{ code: 'INDEX_DAMAGED' }]);
  expect((await fsck(digests)).findings).toEqual([]);

  const copy = join(store.packs.folder, `${'0'.repeat(40)}.pack`);
  await copyFile(pack.path, copy);
  const publishing = `${copy.slice(0, -'.pack'.length)}.0123abcd.${ownMark()}.tmp`;
  await writeFile(publishing, 'the index, about to be renamed');
  expect(await fsck(digests, true)).toMatchObject({ findings: [], leftovers: [] });
  await rm(publishing);
  const file = `.mainstem/store/packs/${'0'.repeat(40)}.pack`;
  expect(await fsck(digests, true)).toMatchObject({ leftovers: [{ file, removed: true }] });
  expect(await fsck(digests)).toMatchObject({ findings: [], leftovers: [] });
});

test('a push removes what a killed push left here and on the remote', async () => {
  const store = openStore(root);
  const address = join(root, 'remote');
  await writeBelow(`remote/0123abcd.${ended}.tmp`, 'half');
  await writeBelow(`.mainstem/store/outgoing-0123abcd.${ended}.tmp/a.pack`, 'half');
  const remote = createFolderRemote(address);
  const { digest } = await store.put(Buffer.from('kept'));
  const references = { blobs: new Map([[digest, 'x']]), records: new Map<Digest, string>() };
  await push({ workspace: workspace(), store, remote }, references);
  expect(await readdir(address)).toEqual(['packs']);
  expect((await readdir(store.folder)).filter((name) => name.startsWith('outgoing'))).toEqual([]);
});

async function writeBelow(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}

async function* blobsOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
