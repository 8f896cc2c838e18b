import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Digest } from '../../../../platform/lib/hash.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { checkStore, openStore } from '../../../../platform/storage/index.ts';
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
  return checkStore(workspace(), openStore(root), { references, now: Date.now(), repair });
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
  await store.putMany(
    (async function* () {
      yield Buffer.from('packed');
    })(),
  );
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
