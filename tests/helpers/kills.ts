import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { git } from '../../platform/lib/git.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import type { Random } from '../../platform/lib/random.ts';
import { openStore } from '../../platform/storage/index.ts';
import { scanPack } from '../../platform/storage/store/pack.ts';
import { decodeIndex } from '../../platform/storage/store/pack-index.ts';

/** A command to kill again and again, and what it must have done in the end. */
export interface KilledCommand {
  readonly name: string;
  /** Brings the repository into the state in which the command is started. */
  prepare(): Promise<void>;
  /** Starts the command in a process group of its own. */
  start(): ChildProcess;
  /** Exit codes with which it may finish. @default only 0 */
  readonly exits?: readonly number[];
  /** What counts of its result, as a text: equal however often it was killed before it finished. */
  result(): Promise<string>;
  /** Whether it was killed after its work was done, so that doing it once more would do more. */
  isDone?(): Promise<boolean>;
}

/** Where to look for harm. */
export interface KilledPlaces {
  readonly root: string;
  readonly remote: string;
}

/** What kills did to a repository. */
export interface Harm {
  kills: number;
  /** Kills that the process did not escape by finishing first. */
  hits: number;
  corruptIndexes: number;
  halfWritten: number;
  gitLocks: number;
  dirtyTrees: number;
  leftovers: number;
  wrongResults: number;
  /** Completions that were compared. */
  compared: number;
}

/** No harm yet. */
export function noHarm(): Harm {
  return {
    ...{ kills: 0, hits: 0, corruptIndexes: 0, halfWritten: 0, gitLocks: 0 },
    ...{ dirtyTrees: 0, leftovers: 0, wrongResults: 0, compared: 0 },
  };
}

/** How a command ran without being disturbed. */
export interface Undisturbed {
  /** See {@link workOf}. */
  readonly work: number;
  readonly result: string;
}

/** Runs a command once without a kill. @throws Error if it fails */
export async function runUndisturbed(command: KilledCommand): Promise<Undisturbed> {
  await command.prepare();
  const work = await finish(command);
  return { work, result: await command.result() };
}

/** How much a process has worked: clock ticks of processor time, or milliseconds where the system does not say. */
async function workOf(pid: number, began: number): Promise<number> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user, system] = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  if (process.platform === 'linux') return Number(user ?? 0) + Number(system ?? 0);
  return performance.now() - began;
}

/** How often, and when, to kill. */
export interface KillPlan {
  readonly times: number;
  /** The part of the work with which a process only loads, 0 to 1. */
  readonly loading: number;
  readonly undisturbed: Undisturbed;
  readonly random: Random;
  readonly places: KilledPlaces;
  /** Deletes what is left over and damaged, as `fsck --repair`. */
  readonly repair: () => Promise<void>;
}

/** Kills a command some times in a row, lets it finish, and adds the harm found on the way. */
export async function killAndFinish(
  command: KilledCommand,
  plan: KillPlan,
  harm: Harm,
): Promise<void> {
  const { times, loading, undisturbed, random, places } = plan;
  await command.prepare();
  const before = new Set(await brokenFiles(places));
  for (let kill = 0; kill < times; kill++) {
    const work = undisturbed.work * random.between(loading, 1);
    const whole = kill % 2 === 1;
    harm.kills++;
    if (await killAfter(command.start(), work, whole)) harm.hits++;
    await inspect(places, harm, before);
  }
  if (!(await command.isDone?.())) await finish(command);
  harm.compared++;
  if ((await command.result()) !== undisturbed.result) harm.wrongResults++;
  if ((await git(places.root, 'status', '--porcelain')) !== '') harm.dirtyTrees++;
  await plan.repair();
  harm.leftovers += (await leftovers(places)).length;
}

/** Lets it finish; returns how much it worked. */
async function finish(command: KilledCommand): Promise<number> {
  const began = performance.now();
  const child = command.start();
  let [said, work] = ['', 0];
  const watch = setInterval(async () => {
    work = Math.max(work, await workOf(child.pid ?? 0, began));
  }, 5);
  child.stderr?.on('data', (text: Buffer) => {
    said += text.toString();
  });
  child.stdout?.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [code]: (number | null)[] = await once(child, 'close');
  clearInterval(watch);
  if ((command.exits ?? [0]).includes(code ?? -1)) return work;
  throw new Error(`${command.name} ended with ${code}:\n${said}`);
}

/**
 * Kills a process when it has done so much work, which a busy machine does not change, or some milliseconds later.
 *
 * @param whole also kills the process's children.
 * @returns false if it had ended before
 */
async function killAfter(child: ChildProcess, work: number, whole: boolean): Promise<boolean> {
  const began = performance.now();
  const ended = once(child, 'exit');
  const { pid = 0 } = child;
  child.stdout?.resume();
  child.stderr?.resume();
  while (child.exitCode === null && (await workOf(pid, began)) < work) await sleep(1);
  await sleep((work % 1) * 10);
  if (child.exitCode !== null) return false;
  process.kill(whole ? -pid : pid, 'SIGKILL');
  await ended;
  // What it started (git, a training process) may outlive it for a moment.
  if (!whole) await sleep(300);
  return true;
}

/** @param before files that were damaged on purpose. */
async function inspect(
  places: KilledPlaces,
  harm: Harm,
  before: ReadonlySet<string>,
): Promise<void> {
  const { root } = places;
  const store = openStore(root);
  harm.corruptIndexes += store.packs.packs().filter(({ indexWhole }) => !indexWhole).length;
  const broken = await brokenFiles(places);
  harm.halfWritten += broken.filter((file) => !before.has(file)).length;
  const locks = await gitLocks(root);
  harm.gitLocks += locks.length;
  // As the message of GIT_BUSY says.
  for (const lock of locks) await rm(lock, { force: true });
}

async function brokenFiles({ root, remote }: KilledPlaces): Promise<string[]> {
  const files = [
    join(root, 'data.lock.json'),
    ...(await filesBelow(join(root, 'models'))),
    ...(await filesBelow(join(root, '.mainstem'))),
  ];
  const broken: string[] = [];
  for (const file of files.filter((path) => path.endsWith('.json'))) {
    const text = await readFile(file, 'utf8').catch(() => '{}');
    if (!isJson(text)) broken.push(file);
  }
  const store = await damagedKeys(join(root, '.mainstem', 'store'));
  return [...broken, ...store, ...(await damagedKeys(remote))];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Packs, indexes and whole blobs of a store or a folder remote that are not what their names say. */
async function damagedKeys(folder: string): Promise<string[]> {
  const damaged: string[] = [];
  for (const file of await filesBelow(folder)) {
    const hex = file.slice(folder.length).replace(/^\/objects\/|\//g, '');
    const isObject = file.startsWith(`${folder}/objects/`) && /^[0-9a-f]{64}$/.test(hex);
    const isPack = /\/packs\/[0-9a-f]+\.(pack|idx)$/.test(file);
    if (!isObject && !isPack) continue;
    const bytes = await readFile(file);
    const whole = isObject ? digestBytes(bytes) === `sha256:${hex}` : isWhole(file, bytes);
    if (!whole) damaged.push(file);
  }
  return damaged;
}

function isWhole(file: string, bytes: Buffer): boolean {
  if (file.endsWith('.idx')) return decodeIndex(bytes) !== undefined;
  const { damaged, tail } = scanPack(bytes);
  return damaged.length === 0 && tail === 0;
}

async function gitLocks(root: string): Promise<string[]> {
  const files = await filesBelow(join(root, '.git'));
  return files.filter((file) => file.endsWith('.lock'));
}

/** What is still there although everything has been repaired. */
async function leftovers({ root, remote }: KilledPlaces): Promise<string[]> {
  const below = await Promise.all(
    [join(root, '.mainstem'), join(root, 'models'), join(root, 'data'), remote].map(filesBelow),
  );
  const here = (await readdir(root)).map((name) => join(root, name));
  const files = new Set([...below.flat(), ...here]);
  return [...files].filter((file) => {
    const partner = file.replace(/\.(pack|idx)$/, (ending) =>
      ending === '.idx' ? '.pack' : '.idx',
    );
    const lonely = /\/packs\/[^/]*\.(pack|idx)$/.test(file) && !files.has(partner);
    // The indexes of remotes are kept in a folder of their own, without packs.
    return /\.tmp(\/|$)/.test(file) || file.includes('/locks/') || lonely;
  });
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
