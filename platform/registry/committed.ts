import { canonicalJson } from '../lib/canonical-json.ts';
import { MainstemError } from '../lib/errors.ts';
import { assertRevision, fileAt, gitEntries, headCommit } from '../lib/git.ts';
import { modelsFolder } from '../lib/layout.ts';
import { parseVersioned } from '../lib/parse-versioned.ts';
import { assertCheckedOut } from '../lib/sparse-checkout.ts';
import { ModelPointer } from '../schemas/index.ts';
import { type Channel, pointerPath, recordPath } from './paths.ts';
import { type PromotedModel, parseRecord, readPointer } from './read.ts';

/** A model's pointer as HEAD has it, which is what serves, and as the working tree has it. */
export interface Pointers {
  /** Null if HEAD has none, or there is no commit. */
  readonly committed: ModelPointer | null;
  /** Null if the working tree has none. */
  readonly tree: ModelPointer | null;
}

/**
 * Reads a model's pointer from HEAD and from the working tree.
 *
 * @throws MainstemError JSON_INVALID, FILE_UNREADABLE, GIT_SPARSE
 * @example (await readPointers(root, 'pumpkins', 'production')).committed?.run // '3f2a9c41d07b'
 */
export async function readPointers(
  root: string,
  name: string,
  channel: Channel,
): Promise<Pointers> {
  const tree = await readPointer(root, name, channel);
  const isCommitted = (await headCommit(root)) !== null;
  const committed = isCommitted ? await pointerAt(root, 'HEAD', name, channel) : null;
  if (committed && !tree) assertCheckedOut(root, pointerPath(name, channel));
  return { tree, committed };
}

/** Whether the working tree says something other than HEAD; the layout of the file does not count. */
export function pointersDiffer({ committed, tree }: Pointers): boolean {
  return canonicalJson(committed) !== canonicalJson(tree);
}

/**
 * A model's pointer at a revision; null if it has none there.
 *
 * @throws MainstemError REVISION_UNKNOWN, JSON_INVALID
 */
export async function pointerAt(
  root: string,
  revision: string,
  name: string,
  channel: Channel,
): Promise<ModelPointer | null> {
  const path = pointerPath(name, channel);
  const text = await fileAt(root, revision, path);
  return text === null ? null : parseVersioned(text, ModelPointer, `${revision}:${path}`);
}

/** Whether HEAD has a file. */
export async function isAtHead(root: string, path: string): Promise<boolean> {
  return (await textAtHead(root, path)) !== null;
}

/** The text of a file at HEAD; null if it has none, or there is no commit. */
export async function textAtHead(root: string, path: string): Promise<string | null> {
  return (await headCommit(root)) === null ? null : fileAt(root, 'HEAD', path);
}

/**
 * The names of the models that have a production pointer at a revision, sorted.
 *
 * @throws MainstemError REVISION_UNKNOWN
 * @example await promotedModelsAt(root, 'origin/main') // ['penguins', 'pumpkins']
 */
export async function promotedModelsAt(root: string, revision: string): Promise<string[]> {
  await assertRevision(root, revision);
  const asked = ['ls-tree', '-r', '-z', '--name-only', '--end-of-options', revision];
  const paths = (await gitEntries(root, 1, ...asked, '--', `${modelsFolder}/`)).map(([path = '']) =>
    path.split('/'),
  );
  return paths.flatMap(([, name = '', file]) => (file === 'production.json' ? [name] : [])).sort();
}

/**
 * What HEAD serves, with the record as HEAD has it.
 *
 * @throws MainstemError MODEL_RECORD_MISSING, MODEL_RECORD_CHANGED, JSON_INVALID
 */
export async function loadCommitted(root: string, pointer: ModelPointer): Promise<PromotedModel> {
  const { model, run, record: digest } = pointer;
  const path = recordPath(model, run);
  const text = await fileAt(root, 'HEAD', path);
  if (text === null) throw new MainstemError('MODEL_RECORD_MISSING', { model, run, path });
  return { pointer, record: parseRecord(text, { model, run, digest }) };
}

/**
 * The error for a pointer in the working tree that is not what HEAD has and that nothing has proved.
 *
 * @param reason in words that follow a colon: 'it is missing'
 */
export function uncommittedPointer(
  model: string,
  channel: Channel,
  { committed }: Pointers,
  reason: string,
): MainstemError {
  const path = pointerPath(model, channel);
  const restore = committed ? `git checkout HEAD -- ${path}` : `rm ${path}`;
  return new MainstemError('MODEL_POINTER_UNCOMMITTED', { path, model, reason, restore });
}
