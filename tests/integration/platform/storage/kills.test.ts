import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listFiles } from '../../../../platform/lib/files.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import {
  checkStore,
  collectReferences,
  openStore,
  readLock,
} from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';
import {
  type KilledCommand,
  killAndFinish,
  noHarm,
  runUndisturbed,
} from '../../../helpers/kills.ts';

/* A few kills at random points; bench/kills.ts has hundreds, of every command. */

const script = join(import.meta.dirname, '../../../fixtures/data-commands.ts');
let here: DataRepository;
let remote = '';

beforeAll(async () => {
  here = await createDataRepository();
  remote = join(await mkdtemp(join(tmpdir(), 'mainstem-kills-')), 'remote');
  const random = createRandom('kills');
  const photo = () => Uint8Array.from({ length: 2000 }, () => random.int(256));
  for (let file = 0; file < 400; file++) {
    await here.write({ [`${file % 2 ? 'apple' : 'pear'}/${file}.jpg`]: photo() });
  }
  await here.write({ 'pear/large.jpg': Buffer.alloc(3_000_000, 'large') });
});
afterAll(async () => {
  await here.remove();
  await rm(join(remote, '..'), { recursive: true, force: true });
});

const start = (command: string) =>
  spawn(process.execPath, [script, here.root, remote, command], { detached: true });

async function check(repair: boolean): Promise<string> {
  const { root, workspace } = here;
  const references = await collectReferences(openStore(root), { root, lock: await readLock(root) });
  const options = { references, now: Date.now(), repair, data: ['data/fruit'] };
  const { findings } = await checkStore(workspace, openStore(root), options);
  return JSON.stringify(findings);
}

const loseStore = () => rm(join(here.root, '.mainstem'), { recursive: true, force: true });
/** In this order, each goes on from where the one before has finished. */
const commands: readonly KilledCommand[] = [
  {
    name: 'lock',
    prepare: async () => {
      await loseStore();
      await rm(join(here.root, 'data.lock.json'), { force: true });
    },
    start: () => start('lock'),
    result: async () => {
      const result =
        (await readFile(join(here.root, 'data.lock.json'), 'utf8')) + (await check(false));
      await here.commit('Lock').catch(() => undefined);
      return result;
    },
  },
  {
    name: 'push',
    prepare: () => rm(remote, { recursive: true, force: true }),
    start: () => start('push'),
    result: async () => (await readdir(join(remote, 'objects'))).join(),
  },
  { name: 'pull', prepare: loseStore, start: () => start('pull'), result: () => check(false) },
  {
    name: 'checkout',
    prepare: () => rm(join(here.root, 'data'), { recursive: true, force: true }),
    start: () => start('checkout'),
    result: async () => {
      const files = await listFiles(join(here.root, 'data', 'fruit'));
      const large = digestBytes(await readFile(here.path('pear/large.jpg')));
      return digestBytes(`${files.join()} ${large}`);
    },
  },
];

test('commands killed at random points leave nothing half-written, and do the same in the end', async () => {
  const random = createRandom(Date.now());
  const places = { root: here.root, remote };
  const harm = noHarm();
  for (const command of commands) {
    const undisturbed = await runUndisturbed(command);
    const repair = () => check(true).then(() => undefined);
    const plan = { times: 2, loading: 0.3, undisturbed, random, places, repair };
    await killAndFinish(command, plan, harm);
  }
  const { kills, hits, compared, ...rest } = harm;
  expect({ kills, compared }).toEqual({ kills: 8, compared: 4 });
  expect(hits).toBeGreaterThan(0);
  expect(Object.values(rest), JSON.stringify(rest)).toEqual(Object.values(rest).map(() => 0));
});
