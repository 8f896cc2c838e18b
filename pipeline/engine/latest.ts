import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import type { Digest } from '../../platform/lib/hash.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import { readText } from '../../platform/lib/read-text.ts';
import { DigestSchema } from '../../platform/schemas/index.ts';

/** `.mainstem/runs/<project>/latest.json`: each stage's last finished run, to report what has changed since. */
const Latest = Type.Object({
  version: Type.Literal(1),
  stages: Type.Record(Type.String(), DigestSchema),
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

/** Opens the keys of a project's last runs; a missing or broken file counts as empty. */
export async function openLatestKeys(root: string, project: string): Promise<LatestKeys> {
  const path = join(runFolder(root, project), 'latest.json');
  const { stages } = await readLatest(path);
  let written = Promise.resolve();
  return {
    get: (stage) => stages[stage],
    set(stage, key) {
      if (stages[stage] === key) return written;
      stages[stage] = key;
      // One after another, so that the file's last state is the last one set.
      written = written.then(() => writeJson(path, { version: 1, stages }));
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
