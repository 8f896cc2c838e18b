import { MainstemError } from '../../platform/lib/errors.ts';
import { fileAt, git } from '../../platform/lib/git.ts';
import { parseVersioned } from '../../platform/lib/parse-versioned.ts';
import { pointerPath, type TrialChannel, trialChannels } from '../../platform/registry/index.ts';
import { ModelPointer } from '../../platform/schemas/index.ts';

/** What a change does to a model's pointers. */
export interface JudgedPointers {
  readonly base: ModelPointer | null;
  readonly head: ModelPointer | null;
  /** Whether the change itself says what is to serve. */
  readonly changed: boolean;
  /** What `head` is a pointer of. */
  readonly channel: 'production' | TrialChannel;
}

/** The commits between which pointers are compared. */
interface Commits {
  /** Where the change left the base: what the base promoted since is not the change's doing. */
  readonly left: string;
  readonly head: string;
  readonly base: string;
}

/**
 * Reads the pointer that a change is about, whether it brings, changes or removes it.
 *
 * @throws MainstemError JUDGE_MANY_POINTERS, JSON_INVALID, REVISION_UNKNOWN
 */
export async function readJudgedPointers(
  root: string,
  name: string,
  { base, head }: Pick<Commits, 'base' | 'head'>,
): Promise<JudgedPointers> {
  const commits = {
    base,
    head,
    left: await git(root, 'merge-base', '--end-of-options', base, head),
  };
  const production = await readPointersOf(root, name, commits, 'production');
  const all = [production];
  for (const channel of trialChannels) {
    const trial = await readPointersOf(root, name, commits, channel);
    // It is tried beside production, and judged against it.
    all.push({ ...trial, base: production.base });
  }
  const changed = all.filter((one) => one.changed);
  const named = changed.filter((one) => one.head !== null);
  // One version is judged: another one must not be merged along with it.
  if (named.length > 1) {
    const paths = named.map(({ channel }) => pointerPath(name, channel)).join(' and ');
    throw new MainstemError('JUDGE_MANY_POINTERS', { paths });
  }
  return named[0] ?? changed[0] ?? production;
}

async function readPointersOf(
  root: string,
  name: string,
  { left, head, base }: Commits,
  channel: JudgedPointers['channel'],
): Promise<JudgedPointers> {
  const path = pointerPath(name, channel);
  const [before, after, serving] = await Promise.all(
    [left, head, base].map((commit) => fileAt(root, commit, path)),
  );
  const parse = (text: string | null | undefined, at: string) =>
    text == null ? null : parseVersioned(text, ModelPointer, `${at}:${path}`);
  return {
    base: parse(serving, base),
    head: parse(after, head),
    changed: before !== after,
    channel,
  };
}
