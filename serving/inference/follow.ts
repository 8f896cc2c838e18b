import { isDeepStrictEqual } from 'node:util';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { explainSystemError } from '../../platform/lib/explain-system-error.ts';
import {
  pointerPath,
  promotedModels,
  readPointer,
  type TrialChannel,
  trialChannels,
} from '../../platform/registry/index.ts';
import type { BlobStore, ModelPointer } from '../../platform/schemas/index.ts';
import type { Source } from '../following/source.ts';
import { isNamed, type Lineup, type Refused, type Role } from './lineup.ts';
import { loadModel } from './models.ts';

/** Follows the pointers in `models/`: what they name from now on answers from then on. */
export interface Follower {
  /** What the pointers name and what cannot serve; what served before goes on. */
  readonly refused: readonly Refused[];
  /** Whether the last look left something that does not serve, told or not. */
  readonly isBehind: boolean;
  /** Takes up what is tried beside the versions that a server starts with, once its threads compute, and follows from then on. */
  begin(): Promise<void>;
  /** Looks now, and returns when what is named answers or was refused. */
  look(): Promise<void>;
  /** The same, whatever waits to be tried again: what it lacked may be here now. */
  retry(): Promise<void>;
  stop(): void;
}

/** What a follower reads, and whom it tells. */
export interface FollowOptions {
  /** Its folder may be another one at each look. */
  readonly source: Pick<Source, 'root' | 'store'>;
  readonly lineup: Lineup;
  /** Seconds between two looks; 0 for none but those that are asked for. */
  readonly everySeconds: number;
  /** Called once for a version that is refused. */
  readonly onRefused: (refused: Refused) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** What one look reads. */
interface Look extends Omit<FollowOptions, 'source'> {
  readonly root: string;
  readonly store: BlobStore;
}

/** A version that could not serve. */
interface Attempt {
  readonly key: string;
  readonly refused: Refused;
  /** How often it was tried. */
  readonly times: number;
  readonly nextAt: number;
}

/** Git writes a file after another, and bytes may come after the pointer: what is refused once may only be incomplete. */
const fewestTimes = 2;
const longestWaitMs = 30_000;

/** Creates a follower. A look that takes longer than the time between two is waited for. */
export function createFollower(options: FollowOptions): Follower {
  const { everySeconds } = options;
  const attempts = new Map<string, Attempt>();
  const memory: Memory = { attempts, missing: new Set() };
  let looking: Promise<void> | null = null;
  const look = () => {
    looking ??= lookAt(atNow(options), memory).finally(() => {
      looking = null;
    });
    return looking;
  };
  let timer: NodeJS.Timeout | null = null;
  return {
    get refused() {
      return [...attempts.values()].filter(isTold).map(({ refused }) => refused);
    },
    get isBehind() {
      return attempts.size > 0;
    },
    look,
    async retry() {
      // One that has begun reads the folder from before.
      await looking;
      for (const [place, attempt] of attempts) attempts.set(place, { ...attempt, nextAt: 0 });
      await look();
    },
    async begin() {
      await lookAtTrials(atNow(options), memory);
      if (everySeconds > 0) timer = setInterval(() => void look(), everySeconds * 1000).unref();
    },
    stop: () => timer && clearInterval(timer),
  };
}

const atNow = ({ source: { root, store }, ...others }: FollowOptions): Look => ({
  ...others,
  root,
  store,
});

const isTold = ({ times }: Attempt) => times >= fewestTimes;

/** What a look knows of the ones before. */
interface Memory {
  readonly attempts: Map<string, Attempt>;
  /** Models whose pointer was not there at the last look. */
  readonly missing: Set<string>;
}

async function lookAt(options: Look, memory: Memory): Promise<void> {
  const { lineup } = options;
  const names = await promotedModels(options.root).catch(() => []);
  const served = lineup.models.map(({ name }) => name);
  for (const name of new Set([...names, ...served]))
    await attempt(options, memory, { name, channel: 'production' }, (due) =>
      followProduction(options, memory, { name, due, isGone: names.length === 0 }),
    );
  await lookAtTrials(options, memory);
  // Where all are gone, rather the folder is.
  if (names.length > 0) forgetGone(options, memory, names);
}

/** What was refused of a pointer that is gone. No look comes back to a model that does not serve and that nothing promotes. */
function forgetGone({ lineup }: Look, { attempts }: Memory, promoted: readonly string[]): void {
  const served = lineup.models.map(({ name }) => name);
  for (const [place, { refused }] of attempts) {
    const { model, channel } = refused;
    const isPromoted = channel === 'production' && promoted.includes(model);
    if (!isPromoted && !served.includes(model)) attempts.delete(place);
  }
}

async function lookAtTrials(options: Look, memory: Memory): Promise<void> {
  for (const { name } of options.lineup.models)
    for (const channel of trialChannels)
      await attempt(options, memory, { name, channel }, (due) =>
        followTrial(options, { name, channel, due }),
      );
}

/** Whether a pointer is to be tried now; not while one that failed waits. */
type Due = (pointer: ModelPointer | null) => boolean;

/** Thrown in place of an attempt that is not due. */
const notDue = Symbol('not due');

/** Follows one pointer, and notes what cannot be followed. */
async function attempt(
  { now = () => performance.now(), onRefused }: Look,
  { attempts }: Memory,
  { name, channel }: { readonly name: string; readonly channel: Role },
  follow: (due: Due) => Promise<void>,
): Promise<void> {
  const place = `${name} ${channel}`;
  const before = attempts.get(place);
  let named: ModelPointer | null = null;
  const due: Due = (pointer) => {
    named = pointer;
    return before?.key !== keyOf(pointer) || now() >= before.nextAt;
  };
  try {
    await follow(due);
    attempts.delete(place);
  } catch (error) {
    if (error === notDue) return;
    const version = versionOf(named);
    // Of a pointer that cannot be read, the flaw: with another one it is another attempt.
    const key = named ? keyOf(named) : String(error);
    const times = before?.key === key ? before.times + 1 : 1;
    const wait = times < fewestTimes ? 0 : Math.min(longestWaitMs, 1000 * 2 ** (times - 1));
    const refused = { model: name, channel, version, error: explain(error, name, version) };
    attempts.set(place, { key, refused, times, nextAt: now() + wait });
    if (times === fewestTimes) onRefused(refused);
  }
}

async function followProduction(
  { root, store, lineup }: Look,
  { missing }: Memory,
  { name, due, isGone }: { readonly name: string; readonly due: Due; readonly isGone: boolean },
): Promise<void> {
  const pointer = await readPointer(root, name);
  if (pointer === null) return followRemoval(lineup, missing, { name, isGone });
  missing.delete(name);
  const current = lineup.models.find((model) => model.name === name);
  if (current && isNamed(current, pointer)) return;
  if (!due(pointer)) throw notDue;
  if (!lineup.recall(pointer)) await lineup.enter(await loadModel(root, store, name));
}

/**
 * A pointer that is gone takes its model out of service; not at the first look, since git deletes a file before it writes it, and
 * not where all are gone: then rather the folder is.
 */
function followRemoval(
  lineup: Lineup,
  missing: Set<string>,
  { name, isGone }: { readonly name: string; readonly isGone: boolean },
): void {
  if (isGone) {
    const path = pointerPath(name, 'production');
    throw new MainstemError('SERVING_NO_MODEL', { path, model: name });
  }
  if (missing.has(name)) lineup.remove(name);
  else missing.add(name);
}

/** A trial ends at once where its pointer is gone, or names what production names; what cannot be tried gets no requests. */
async function followTrial(
  { root, store, lineup }: Look,
  {
    name,
    channel,
    due,
  }: { readonly name: string; readonly channel: TrialChannel; readonly due: Due },
): Promise<void> {
  const pointer = await readPointer(root, name, channel);
  const current = lineup.models.find((model) => model.name === name);
  const tried = lineup.trial(name, channel);
  if (!pointer?.traffic || !current || isNamed(current, pointer)) {
    lineup.endTrial(name, channel);
    if (pointer && !pointer.traffic && current && !isNamed(current, pointer)) {
      const path = pointerPath(name, channel);
      throw new MainstemError('JSON_INVALID', { path, reason: 'it has no "traffic": promote it' });
    }
    return;
  }
  const { traffic } = pointer;
  if (tried && !isNamed(tried.model, pointer)) lineup.endTrial(name, channel);
  else if (tried && isDeepStrictEqual(tried.traffic, traffic)) return;
  if (!due(pointer)) throw notDue;
  const kept = lineup.findKept(pointer);
  const model = kept ?? (await loadModel(root, store, name, channel));
  await lineup.tryOut(channel, { model, traffic });
}

const keyOf = (pointer: ModelPointer | null) => (pointer ? JSON.stringify(pointer) : '');
const versionOf = (pointer: ModelPointer | null) => pointer?.run ?? '';

function explain(error: unknown, model: string, version: string): MainstemError {
  if (isMainstemError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const known = explainSystemError(error);
  return known ?? new MainstemError('SERVING_REHEARSAL_FAILED', { model, version, reason });
}
