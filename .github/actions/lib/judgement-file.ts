import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { dictionary } from '../../../platform/lib/dictionary.ts';
import { parseJson } from '../../../platform/lib/json.ts';
import { writeJson } from '../../../platform/lib/json-file.ts';
import { readFile } from '../../../platform/lib/read-text.ts';
import { Report } from '../../../platform/report/index.ts';
import { nullable } from '../../../platform/schemas/index.ts';

const Sha = Type.String({ pattern: '^[0-9a-f]{40}$' });

/** The state of one of the contexts `mainstem/…` on a commit. */
export const Status = Type.Object({
  state: Type.Union([
    Type.Literal('success'),
    Type.Literal('failure'),
    Type.Literal('pending'),
    Type.Literal('error'),
  ]),
  description: Type.String(),
});
export type Status = Static<typeof Status>;

/** What the default branch's code says of one project in a pull request. */
export const JudgedProject = Type.Object({
  project: Type.String(),
  /** Null where there is no candidate. */
  report: nullable(Report),
  data: Status,
  gates: Status,
  promotion: Status,
  /** Files of the promotion commit, path → text; empty if nothing is to be committed. */
  files: dictionary(Type.String()),
  /** Where the candidate's artefacts are, in the results that travel with this file. */
  blobs: nullable(Type.String()),
});
export type JudgedProject = Static<typeof JudgedProject>;

/** What the job `judge` hands to those that may write. It was written by the default branch's code alone. */
export const Judgement = Type.Object({
  version: Type.Literal(1),
  /** The commit that was judged, and the commit whose champion it was held against. */
  head: Sha,
  base: Sha,
  /** Null for a merge group. */
  pull: nullable(
    Type.Object({ number: Type.Integer(), branch: Type.String(), fork: Type.Boolean() }),
  ),
  /** Why it may not be merged whatever its models are; null if nothing is wrong. */
  blocked: nullable(Type.String()),
  /** What concerns the pull request as a whole, in sentences. */
  notices: Type.Array(Type.String()),
  projects: Type.Array(JudgedProject),
});
export type Judgement = Static<typeof Judgement>;

const file = 'judgement.json';

/** Writes a judgement into a folder. */
export function writeJudgement(folder: string, judgement: Judgement): Promise<void> {
  return writeJson(join(folder, file), judgement);
}

/** Reads a judgement; null if the job left none. @throws MainstemError JSON_INVALID */
export async function readJudgement(folder: string): Promise<Judgement | null> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : parseJson(text, Judgement, path);
}
