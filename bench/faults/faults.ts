import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openStore } from '../../platform/storage/index.ts';
import {
  createModelRepository,
  gourds,
  type RecordPart,
} from '../../tests/helpers/model-repository.ts';
import { slowNetwork } from '../../tests/helpers/slow-network.ts';
import {
  changeInStore,
  networkWith,
  promoteVersion,
  recordOf,
  tryVersion,
} from '../../tests/helpers/versions.ts';
import { now, openConnection } from '../reliability/exchange.ts';
import { postJson, renderRequest } from '../reliability/requests.ts';
import { runLoad } from '../reliability/run-load.ts';
import { renderCounts } from '../reliability/table.ts';
import type { Fault, Scene } from './scene.ts';

const run = promisify(execFile);
const [second, third] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
const renderSeconds = (value: number) => `${value.toFixed(1)} s`;
const since = (ms: number) => renderSeconds((now() - ms) / 1000);
const only = { models: [gourds], promised: true, seconds: 5 } as const;

const promote = async ({ repository }: Scene, version: string) =>
  promoteVersion(repository, gourds, { run: version, network: await networkWith(version) });

/** The faults, in the order of the table. */
export const faults: readonly Fault[] = [
  {
    ...only,
    name: 'threads',
    what: 'threads that compute are killed ten times in a second, some while they start, then both at once',
    async inflict({ inject }) {
      const from = now();
      for (let times = 0; times < 10; times++) {
        inject({ kind: 'end-threads', count: 1 });
        await delay(100);
      }
      inject({ kind: 'end-threads', count: 2 });
      return { from, until: now(), note: 'of two threads' };
    },
  },
  {
    ...only,
    name: 'sigterm',
    what: 'SIGTERM',
    seconds: 4,
    async inflict({ child }) {
      const from = now();
      const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
      child.kill('SIGTERM');
      const code = await ended;
      return { from, until: now(), note: `gone after ${since(from)} with ${code}` };
    },
  },
  {
    ...only,
    name: 'promotion',
    what: 'promotion, and rollback',
    async inflict(scene) {
      const from = now();
      await promote(scene, second);
      const reached = await scene.until(({ version }) => version === second);
      await promote(scene, third);
      await scene.until(({ version }) => version === third);
      await promote(scene, second);
      const back = await scene.until(({ version }) => version === second);
      const note = `reached after ${renderSeconds(reached)}, rolled back after ${renderSeconds(back)}`;
      return { from, until: now(), note };
    },
  },
  {
    ...only,
    name: 'missing',
    what: 'a version is promoted whose bytes are not in the store; later they come',
    seconds: 11,
    async inflict(scene) {
      const network = await networkWith('comes later');
      const elsewhere = await createModelRepository();
      const record = await recordOf(elsewhere.root, gourds, { run: second, network });
      await elsewhere.remove();
      const from = now();
      await scene.repository.promote(record);
      const told = await scene.until(({ refused }) => refused !== undefined);
      await openStore(scene.repository.root).put(network, 'application/onnx');
      const served = await scene.until(({ version }) => version === second);
      const note = `refused after ${renderSeconds(told)}, serves ${renderSeconds(served)} after they came`;
      return { from, until: now(), note };
    },
  },
  {
    ...only,
    name: 'corrupted',
    what: 'a version is promoted whose bytes are damaged in the store; later they are repaired',
    seconds: 11,
    async inflict(scene) {
      const network = await networkWith(second);
      const { root } = scene.repository;
      const record = await recordOf(root, gourds, { run: second, network });
      await changeInStore(root, second, 'AAAAAAAAAAAA');
      const from = now();
      await scene.repository.promote(record);
      const told = await scene.until(({ refused }) => refused !== undefined);
      await changeInStore(root, 'AAAAAAAAAAAA', second);
      const served = await scene.until(({ version }) => version === second);
      const note = `refused after ${renderSeconds(told)}, serves ${renderSeconds(served)} after the repair`;
      return { from, until: now(), note };
    },
  },
  {
    ...only,
    name: 'clock',
    what: 'the clock jumps a year ahead, two back and one ahead; a promotion, with the prediction log on',
    environment: { MAINSTEM_PREDICTION_LOG: 'full' },
    async inflict(scene) {
      const from = now();
      const yearMs = 365 * 86_400_000;
      for (const ms of [yearMs, -2 * yearMs, yearMs]) {
        scene.inject({ kind: 'move-clock', ms });
        await delay(400);
      }
      const until = now();
      await promote(scene, second);
      const reached = await scene.until(({ version }) => version === second);
      return { from, until, note: `promotion reached after ${renderSeconds(reached)}` };
    },
  },
  {
    ...only,
    name: 'descriptors',
    what: 'out of descriptors for 1.5 s (`prlimit --nofile`)',
    promised: false,
    async inflict({ child, port }) {
      const open = (await readdir(`/proc/${child.pid}/fd`)).length;
      // The hard limit stays.
      await run('prlimit', ['--pid', String(child.pid), `--nofile=${open + 8}:`]);
      const from = now();
      const held = await holdConnections(port, 40);
      await delay(1500);
      for (const socket of held) socket.destroy();
      return { from, until: now(), note: 'counted from when others close' };
    },
  },
  {
    ...only,
    name: 'slow',
    what: 'a second model, whose answers take tens of milliseconds of a core, is asked 100 times a second for 2 s',
    models: [gourds, { ...gourds, model: 'slow', onnx: slowNetwork(60) }],
    seconds: 12,
    async inflict({ port }) {
      const from = now();
      const request = renderRequest(postJson('/models/slow/predict', '{"weight":9}'));
      const { answers } = await runLoad({
        ...{ port, request, seconds: 2, load: { rate: 100 } },
        ...{ connections: 1000, fresh: true, patienceMs: 10_000 },
      });
      const last = Math.max(...answers.map(({ sentAt }) => sentAt));
      const note = `of the slow one ${renderCounts(answers.map(({ outcome }) => outcome))}`;
      return { from, until: last, note };
    },
  },
  {
    ...only,
    name: 'canary',
    what: 'a canary of half the requests that fails at each of them, ended after 1 s',
    promised: true,
    async inflict(scene) {
      const { root } = scene.repository;
      const network = await networkWith('tried');
      const record = await recordOf(root, failing, { run: second, network });
      const from = now();
      await tryVersion(root, 'canary', record, { share: 0.5 });
      await scene.until(({ trials }) => trials !== undefined);
      await delay(1000);
      const until = now();
      await rm(join(root, 'models/gourds/canary.json'));
      const ended = await scene.until(({ trials }) => trials === undefined);
      return { from, until, note: `ended after ${renderSeconds(ended)}` };
    },
  },
];

/** The row of the rehearsal is answered; any other has no finite answer. */
const failing: RecordPart = {
  ...gourds,
  preprocessing: {
    kind: 'table',
    columns: [
      { name: 'weight', kind: 'number', mean: 4, deviation: 1e-38 },
      { name: 'colour', kind: 'category', values: ['orange', 'green'] },
    ],
  },
};

async function holdConnections(port: number, count: number): Promise<Socket[]> {
  const opened = Array.from({ length: count }, () => openConnection(port, 5000));
  return (await Promise.all(opened)).flatMap((socket) => socket ?? []);
}
