import { setTimeout as pause } from 'node:timers/promises';
import { Type } from 'typebox';
import { isMainstemError, MainstemError } from '../../../platform/lib/errors.ts';
import { parseValue } from '../../../platform/lib/json.ts';
import {
  promotedModels,
  readBuildId,
  readPointer,
  readTrials,
} from '../../../platform/registry/index.ts';

/** What a tree wants to be served, or what a server says it serves. */
export interface Served {
  /** The digest of the server's own files. */
  readonly build: string;
  /** Model, and model with channel for what is tried beside it → digest of its record and, of a trial, its share. */
  readonly records: ReadonlyMap<string, string>;
}

/** Where a server is, and the access key that it may ask for. */
export interface Reach {
  /** Base address. */
  readonly url: string;
  /** With the scopes `predict` and `metrics`; '' where none is needed. */
  readonly key: string;
}

/** The headers that say who asks. */
export function accessHeaders({ key }: Pick<Reach, 'key'>): Record<string, string> {
  return key === '' ? {} : { authorization: `Bearer ${key}` };
}

/** The part of the server's `/version` that a deployment compares; a server older than the build id has none. */
const Version = Type.Object({
  build: Type.Optional(Type.String()),
  models: Type.Array(
    Type.Object({
      model: Type.String(),
      record: Type.String(),
      trials: Type.Optional(
        Type.Array(
          Type.Object({ channel: Type.String(), record: Type.String(), share: Type.Number() }),
        ),
      ),
    }),
  ),
});

const trialText = (record: string, share: number) => `${record} (share ${share})`;

/** What the pointers and the server's files in a tree say. @throws MainstemError JSON_INVALID, FILE_UNREADABLE */
export async function readWanted(root: string): Promise<Served> {
  const records = new Map<string, string>();
  for (const name of await promotedModels(root)) {
    const pointer = await readPointer(root, name);
    if (pointer) records.set(name, pointer.record);
    for (const { channel, pointer: tried } of await readTrials(root, name))
      records.set(`${name} ${channel}`, trialText(tried.record, tried.traffic?.share ?? 0));
  }
  return { build: await readBuildId(root), records };
}

/**
 * What a server says it serves; null while nothing answers, which is a state to fix and not an error.
 *
 * @throws MainstemError DEPLOY_KEY_REFUSED, which no deployment fixes
 */
export async function askServed(reach: Reach): Promise<Served | null> {
  try {
    const answer = await fetch(new URL('version', withSlash(reach.url)), {
      headers: accessHeaders(reach),
      signal: AbortSignal.timeout(5_000),
    });
    if (answer.status === 401 || answer.status === 403)
      throw new MainstemError('DEPLOY_KEY_REFUSED', { url: reach.url, status: answer.status });
    if (!answer.ok) return null;
    const { build = 'unknown', models } = parseValue(await answer.json(), Version, '/version');
    const records = models.flatMap(({ model, record, trials = [] }) => [
      [model, record] as const,
      ...trials.map(
        (trial) => [`${model} ${trial.channel}`, trialText(trial.record, trial.share)] as const,
      ),
    ]);
    return { build, records: new Map(records) };
  } catch (error) {
    if (isMainstemError(error, 'DEPLOY_KEY_REFUSED')) throw error;
    return null;
  }
}

/** How what serves differs from what is wanted, a sentence each; empty if it does not. */
export function compareServed(wanted: Served, live: Served | null): string[] {
  if (!live) return ['nothing answers'];
  const models = new Set([...wanted.records.keys(), ...live.records.keys()]);
  const differences = [...models].sort().flatMap((model) => {
    const [due, found] = [wanted, live].map(({ records }) => records.get(model));
    if (due === found) return [];
    return [`${model} serves ${found ?? 'nothing'}, production names ${due ?? 'nothing'}`];
  });
  if (wanted.build === live.build) return differences;
  return [...differences, `the server is build ${live.build}, the tree is ${wanted.build}`];
}

const pollMs = 250;

/** Waits until a server serves what is wanted. @throws MainstemError DEPLOY_KEY_REFUSED, DEPLOY_TIMEOUT naming what differs */
export async function waitForServed(reach: Reach, wanted: Served, seconds: number): Promise<void> {
  const { url } = reach;
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const differences = compareServed(wanted, await askServed(reach));
    if (differences.length === 0) return;
    if (Date.now() >= deadline) {
      throw new MainstemError('DEPLOY_TIMEOUT', { url, seconds, found: differences.join('; ') });
    }
    await pause(pollMs);
  }
}

/** So that a path below the address is kept. */
export function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
