import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { dictionary } from '../../platform/lib/dictionary.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import { readText } from '../../platform/lib/read-text.ts';
import { turnPath, withTurn } from '../../platform/lib/turn.ts';
import { DigestSchema } from '../../platform/schemas/index.ts';

/** `.mainstem/runs/<project>/latest.json`: each stage's last finished run, to report what has changed since. */
const Latest = Type.Object({
  version: Type.Literal(1),
  stages: dictionary(DigestSchema),
});
type Latest = Static<typeof Latest>;

/** The keys of the last finished run of each stage. */
export interface LatestKeys {
  get(stage: string): Digest | undefined;
  set(stage: string, key: Digest): Promise<void>;
}

/** The folder of a project's latest results: `latest.json`, `candidate.json`. */
export function runFolder(root: string, project: string): string {
  return join(root, '.mainstem', 'runs', project);
}

/**
 * Opens the keys of a project's last runs; a missing or broken file counts as empty. Runs at the same time keep each
 * other's keys.
 */
export async function openLatestKeys(root: string, project: string): Promise<LatestKeys> {
  const path = join(runFolder(root, project), 'latest.json');
  const turn = { path: turnPath(root, 'latest', project), waiting: '' };
  const { stages } = await readLatest(path);
  let written = Promise.resolve();
  const write = async (stage: string, key: Digest) => {
    const { stages: now } = await readLatest(path);
    if (now[stage] !== key) await writeJson(path, { version: 1, stages: { ...now, [stage]: key } });
  };
  return {
    get: (stage) => stages[stage],
    set(stage, key) {
      if (stages[stage] === key) return written;
      stages[stage] = key;
      written = written.then(() => withTurn(turn, () => write(stage, key)));
      return written;
    },
  };
}

async function readLatest(path: string): Promise<Latest> {
  const text = await readText(path).catch(() => '');
  try {
    return parseJson(text, Latest, path);
  } catch {
    return { version: 1, stages: {} };
  }
}
