import { readdir } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { Check } from 'typebox/value';
import { exists } from '../lib/files.ts';
import { git } from '../lib/git.ts';
import { shareMarks } from '../lib/mark-set.ts';
import { parseVersioned } from '../lib/parse-versioned.ts';
import { readText } from '../lib/read-text.ts';
import {
  type HeldBack,
  type HeldBackFigures,
  HeldBackLook,
  type ModelRecord,
} from '../schemas/index.ts';
import { lookPath } from './paths.ts';

/**
 * The looks at a model's held-back examples that are noted in the working tree, sorted by run.
 *
 * @throws MainstemError JSON_INVALID, FILE_UNREADABLE: a look that cannot be read would not be counted
 */
async function readLooks(root: string, model: string): Promise<HeldBackLook[]> {
  const folder = dirname(lookPath(model, 'any'));
  if (!(await exists(join(root, folder)))) return [];
  const names = (await readdir(join(root, folder))).filter((name) => name.endsWith('.json'));
  const looks: HeldBackLook[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    looks.push(parseVersioned(await readText(join(root, path), path), HeldBackLook, path));
  }
  return looks;
}

/**
 * The looks that are noted in some commits, which nobody may have reviewed: those that cannot be read are left out.
 *
 * @throws MainstemError GIT_FAILED
 */
export async function looksAt(
  root: string,
  model: string,
  commits: readonly string[],
): Promise<HeldBackLook[]> {
  const folder = posix.dirname(lookPath(model, 'any'));
  // A note stands in every commit since: its blob is read once.
  const blobs = new Set<string>();
  for (const commit of commits) {
    const listed = await git(root, 'ls-tree', '--end-of-options', commit, '--', `${folder}/`);
    for (const [, blob = ''] of listed.matchAll(/ blob ([0-9a-f]+)\t.*\.json$/gm)) blobs.add(blob);
  }
  const looks: HeldBackLook[] = [];
  for (const blob of blobs) {
    const value = parseJsonOrNull(await git(root, 'cat-file', 'blob', '--end-of-options', blob));
    if (Check(HeldBackLook, value)) looks.push(value);
  }
  return looks;
}

/**
 * The looks that were ever noted up to a revision, also where a revert has deleted their notes.
 *
 * @throws MainstemError GIT_FAILED
 */
export async function pastLooks(
  root: string,
  model: string,
  revision: string,
): Promise<HeldBackLook[]> {
  const folder = posix.dirname(lookPath(model, 'any'));
  const asked = ['log', '--first-parent', '--format=%H', '--end-of-options', revision];
  const commits = await git(root, ...asked, '--', folder);
  return looksAt(root, model, commits.split('\n').filter(Boolean));
}

/**
 * The looks that are noted in the working tree or ever were up to a revision.
 *
 * @param revision null where nothing is committed yet
 * @throws MainstemError JSON_INVALID, FILE_UNREADABLE, GIT_FAILED
 */
export async function everyLook(
  root: string,
  model: string,
  revision: string | null,
): Promise<HeldBackLook[]> {
  const past = revision === null ? [] : await pastLooks(root, model, revision);
  return [...(await readLooks(root, model)), ...past];
}

function parseJsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * How many models were measured on held-back examples some of which are in a set, this run among them. A look counts whole
 * however few of its examples are, and a note that does not say which they were counts, too: nobody can show that they were others.
 */
export function countLooks(
  looks: readonly HeldBackLook[],
  { set, marks }: Pick<HeldBackFigures, 'set' | 'marks'>,
  run: string,
): number {
  const counted = looks.filter(
    (look) => look.set === set || look.marks === undefined || shareMarks(look.marks, marks),
  );
  return new Set([...counted.map((look) => look.run), run]).size;
}

/** What is noted of a look. */
export function buildLook(
  { model, run }: Pick<ModelRecord, 'model' | 'run'>,
  { set, examples, marks }: Pick<HeldBackFigures, 'set' | 'examples' | 'marks'>,
): HeldBackLook {
  return { version: 1, model, run, set, examples, marks };
}

/** The figures of a model, as a pointer has them, with the number of models that were measured on some of the same examples. */
export function withLooks(
  figures: HeldBackFigures,
  looks: readonly HeldBackLook[],
  run: string,
): HeldBack {
  const { marks: _, ...told } = figures;
  return { ...told, looks: countLooks(looks, figures, run) };
}
