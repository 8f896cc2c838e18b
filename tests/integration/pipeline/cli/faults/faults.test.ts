import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../../../../pipeline/cli/commands/index.ts';
import { git } from '../../../../../platform/lib/git.ts';
import { buildFarm } from '../../../../helpers/farm.ts';
import { checkTrial } from './check-trial.ts';
import type { Trial } from './drive.ts';
import { commandLines, damages, places, slow } from './plan.ts';

/** A place, a damage and a command. */
type Planned = readonly [place: string, damage: string, command: string];

/** A command that has said nothing for so long waits for something that will never come. */
const patienceMs = 60_000;
const root = process.getuid?.() === 0;
/** The superuser may read everything; without this capability permissions count for it too. */
const humble = ['--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all', '--'];
const permissionsCount = !root || spawnSync('setpriv', [...humble, 'true']).status === 0;
const everything = process.env.MAINSTEM_ALL_FAULTS !== undefined;

let folder = '';
let untouched = '';

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'mainstem-faults-')));
  untouched = join(folder, 'untouched');
  await growFarm(untouched);
  for (const lane of [0, 1])
    await cp(untouched, join(folder, `${lane}`), { recursive: true, verbatimSymlinks: true });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two promotions, a candidate that waits, and a remote that holds all of it. */
async function growFarm(path: string): Promise<void> {
  const farm = await buildFarm(path);
  await farm.edit(
    'pipeline/projects/tab/project.ts',
    '  classes:',
    '  collect: async () => {},\n  classes:',
  );
  const succeed = async (...args: string[]) => {
    const { code, err } = await farm.mainstem(...args);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`);
  };
  const search = { method: 'random', space: { learningRate: { real: [0.001, 0.1] } } };
  await writeFile(join(path, 'pipeline/projects/tab/sweep.json'), JSON.stringify(search));
  await succeed('lock', 'tab');
  await git(path, 'add', '--all');
  await git(path, 'commit', '--quiet', '-m', 'Lock');
  for (const seed of [8, 9, 10]) {
    await farm.edit('pipeline/projects/tab/params.json', /"seed": \d+/, `"seed": ${seed}`);
    await succeed('experiment', 'tab');
    if (seed < 10) await succeed('promote', 'tab');
  }
  await succeed('push', '--remote', 'remote');
  await git(path, 'gc', '--quiet');
}

test('every command is tried', () => {
  expect(Object.keys(commandLines).sort()).toEqual(Object.keys(commands).sort());
});

describe('whatever is wrong with a file or a folder', () => {
  test('every command ends in order, and says what to do', { timeout: 600_000 }, async () => {
    const planned = planTrials();
    const lanes = [0, 1].map((lane) => planned.filter((_, index) => index % 2 === lane));
    const done = await Promise.all(lanes.map((some, lane) => drive(join(folder, `${lane}`), some)));
    const faults = done.flat().flatMap(checkTrial);
    expect(faults.join('\n\n')).toBe('');
    expect(done.flat()).toHaveLength(planned.length);
  });
});

/** All pairs of place and damage, place and command, damage and command; or, if asked for, every combination. */
function planTrials(): Planned[] {
  const names = Object.keys(commandLines);
  const quick = names.filter((name) => !slow.has(name));
  const cells = places.flatMap((place) =>
    damages
      .filter(({ to }) => to === 'both' || to === place.kind)
      .filter(({ permissions }) => permissionsCount || !permissions)
      .filter(({ name }) => !place.except?.includes(name))
      .map((damage) => [place.name, damage.name] as const),
  );
  if (everything) return cells.flatMap((cell) => names.map((name) => [...cell, name] as const));
  // Steps through the commands with a stride that has no factor in common with their number.
  return cells.flatMap((cell, index) => [
    ...[0, 1].map((turn) => [...cell, quick[(index * 2 + turn) % quick.length] ?? ''] as const),
    ...(index % 23 === 0 ? [[...cell, [...slow][(index / 23) % slow.size] ?? ''] as const] : []),
  ]);
}

/** Runs trials in a process of its own; one that hangs is ended, noted, and the rest goes on. */
async function drive(farm: string, planned: readonly Planned[]): Promise<Trial[]> {
  const done: Trial[] = [];
  while (done.length < planned.length) {
    const { trials, hung } = await driveOnce(farm, planned.slice(done.length));
    done.push(...trials);
    if (hung) done.push(hung);
    else if (trials.length === 0) throw new Error('The driver ended without a word.');
  }
  return done;
}

async function driveOnce(farm: string, planned: readonly Planned[]) {
  const script = join(import.meta.dirname, 'drive.ts');
  const words = [process.execPath, script, farm, untouched, JSON.stringify(planned)];
  const [program = '', ...args] =
    root && permissionsCount ? ['setpriv', ...humble, ...words] : words;
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', MAINSTEM_REMOTE: '' },
  });
  const trials: Trial[] = [];
  let current: Planned | null = null;
  let timer = setTimeout(() => {}, 0);
  let killed = false;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      killed = true;
      child.kill('SIGKILL');
    }, patienceMs);
  };
  for await (const line of createInterface({ input: linesOf(child) })) {
    wait();
    const said: { begins?: { place: string; damage: string; command: string } } & Trial =
      JSON.parse(line);
    if (said.begins) {
      const { place, damage, command } = said.begins;
      current = [place, damage, command];
    } else {
      trials.push(said);
      current = null;
    }
  }
  clearTimeout(timer);
  const hung = current && {
    ...{ place: current[0], damage: current[1], command: current[2], exit: -1 },
    ...{ out: '', err: killed ? 'hangs' : 'ended the process', changed: [] },
  };
  return { trials, hung };
}

function linesOf(child: ChildProcess): Readable {
  const stream = child.stdio[3];
  if (!stream || !('read' in stream)) throw new Error('no channel to the driver');
  return stream;
}
