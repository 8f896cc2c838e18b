import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { explainSystemError } from '../../platform/lib/explain-system-error.ts';
import { promotedModels, readPointer } from '../../platform/registry/index.ts';
import type { BlobStore, ModelPointer } from '../../platform/schemas/index.ts';
import { isNamed, type Lineup, type Refused } from './lineup.ts';
import { loadModel } from './models.ts';

/** Follows the pointers in `models/`: what they name from now on answers from then on. */
export interface Follower {
  /** What the pointers name and what cannot serve; what served before goes on. */
  readonly refused: readonly Refused[];
  /** Looks now, and returns when what is named answers or was refused. */
  look(): Promise<void>;
  stop(): void;
}

/** What a follower reads, and whom it tells. */
export interface FollowOptions {
  readonly root: string;
  readonly store: BlobStore;
  readonly lineup: Lineup;
  /** Seconds between two looks; 0 for none but those that are asked for. */
  readonly everySeconds: number;
  /** Called when a version is refused, and with null when its model's pointer is served again. */
  readonly onRefused: (model: string, refused: Refused | null) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
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

/** Starts following. A look that takes longer than the time between two is waited for. */
export function createFollower(options: FollowOptions): Follower {
  const { everySeconds } = options;
  const attempts = new Map<string, Attempt>();
  const missing = new Set<string>();
  let looking: Promise<void> | null = null;
  const look = () => {
    looking ??= lookAt(options, attempts, missing).finally(() => {
      looking = null;
    });
    return looking;
  };
  const timer =
    everySeconds > 0 ? setInterval(() => void look(), everySeconds * 1000).unref() : null;
  return {
    get refused() {
      return [...attempts.values()].filter(isTold).map(({ refused }) => refused);
    },
    look,
    stop: () => timer && clearInterval(timer),
  };
}

const isTold = ({ times }: Attempt) => times >= fewestTimes;

async function lookAt(
  options: FollowOptions,
  attempts: Map<string, Attempt>,
  missing: Set<string>,
): Promise<void> {
  const names = await promotedModels(options.root).catch(() => []);
  const served = options.lineup.models.map(({ name }) => name);
  for (const name of new Set([...names, ...served])) {
    const attempt = attempts.get(name);
    const failed = await followPointer(options, { name, attempt, missing, isOnly: !names[0] });
    if (failed === attempt) continue;
    if (failed) attempts.set(name, failed);
    else attempts.delete(name);
    if (failed && failed.times === fewestTimes) options.onRefused(name, failed.refused);
    if (!failed && attempt && isTold(attempt)) options.onRefused(name, null);
  }
}

interface Followed {
  readonly name: string;
  readonly attempt: Attempt | undefined;
  /** Models whose pointer was not there at the last look. */
  readonly missing: Set<string>;
  /** Whether there are no pointers at all. */
  readonly isOnly: boolean;
}

/** @returns what is to be tried again; undefined if the pointer is followed */
async function followPointer(
  { root, store, lineup, now = () => performance.now() }: FollowOptions,
  { name, attempt, missing, isOnly }: Followed,
): Promise<Attempt | undefined> {
  let pointer: ModelPointer | null = null;
  try {
    pointer = await readPointer(root, name);
    if (pointer === null) return followRemoval(lineup, { name, attempt, missing, isOnly });
    missing.delete(name);
    const current = lineup.models.find((model) => model.name === name);
    if (current && isNamed(current, pointer)) return undefined;
    if (attempt?.key === keyOf(pointer) && now() < attempt.nextAt) return attempt;
    if (!lineup.recall(pointer)) await lineup.enter(await loadModel(root, store, name));
    return undefined;
  } catch (error) {
    const key = keyOf(pointer);
    const times = attempt?.key === key ? attempt.times + 1 : 1;
    const wait = times < fewestTimes ? 0 : Math.min(longestWaitMs, 1000 * 2 ** (times - 1));
    const refused = { model: name, version: pointer?.run ?? '', error: explain(error, name) };
    return { key, refused, times, nextAt: now() + wait };
  }
}

/**
 * A pointer that is gone takes its model out of service; not at the first look, since git deletes a file before it writes it, and
 * not the last one: then rather the folder is gone.
 */
function followRemoval(lineup: Lineup, { name, missing, isOnly }: Followed): Attempt | undefined {
  if (isOnly) {
    const path = `models/${name}/production.json`;
    throw new MainstemError('SERVING_NO_MODEL', { path, model: name });
  }
  if (missing.has(name)) lineup.remove(name);
  else missing.add(name);
  return undefined;
}

const keyOf = (pointer: ModelPointer | null) =>
  pointer ? `${pointer.run} ${pointer.record} ${pointer.onnx}` : '';

function explain(error: unknown, model: string): MainstemError {
  if (isMainstemError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const known = explainSystemError(error);
  return known ?? new MainstemError('SERVING_REHEARSAL_FAILED', { model, version: '', reason });
}
