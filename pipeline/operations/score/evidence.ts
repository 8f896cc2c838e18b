import { join } from 'node:path';
import { git } from '../../../platform/lib/git.ts';
import { readTextIfThere } from '../../../platform/lib/read-text.ts';
import { loadPromoted } from '../../../platform/registry/index.ts';
import type { ProjectDefinition } from '../../../platform/schemas/define/index.ts';
import type { BlobStore, ModelRecord } from '../../../platform/schemas/index.ts';
import type { ProjectContext } from '../../context.ts';
import { readIndex } from '../../prepare/index.ts';

/** Where evidence is looked for: the project, the model that serves, and the files of the repository. */
export interface Evidence {
  readonly definition: ProjectDefinition;
  /** What serves; null if nothing does. */
  readonly record: ModelRecord | null;
  /** Whether the commit that the model was made from is part of the history, unchanged. */
  readonly reviewed: boolean;
  /** Columns of the data that it was made from; none where the store lacks them. */
  readonly columns: readonly string[];
  /** The text of a file of the repository; '' if it is not there. */
  readonly text: (path: string) => Promise<string>;
}

/** Looks at a project's repository. */
export async function gatherEvidence({
  workspace,
  project,
  store,
}: ProjectContext): Promise<Evidence> {
  const { root } = workspace;
  const promoted = await loadPromoted(root, project.definition.name);
  const record = promoted?.record ?? null;
  return {
    ...{ definition: project.definition, record },
    reviewed: record !== null && !record.dirty && (await isInHistory(root, record.commit)),
    columns: record ? await columnsOf(store, record) : [],
    text: async (path) => (await readTextIfThere(join(root, path), path)) ?? '',
  };
}

async function columnsOf(store: BlobStore, { prepared }: ModelRecord): Promise<string[]> {
  if (!(await store.has(prepared.index.digest))) return [];
  const { rows } = await readIndex(store, prepared);
  const columns = new Set<string>();
  // Of a table training rows keep no cells but those of their group.
  for (const { split, metadata } of rows) {
    if (split !== 'train') for (const column of Object.keys(metadata)) columns.add(column);
  }
  return [...columns];
}

async function isInHistory(root: string, commit: string | null): Promise<boolean> {
  if (commit === null) return false;
  return git(root, 'merge-base', '--is-ancestor', commit, 'HEAD').then(
    () => true,
    () => false,
  );
}

/** Whether the tests of a file run by themselves on every pull request: where they are, or null. */
export async function automatedTest({ text }: Evidence, path: string): Promise<string | null> {
  const runs = (await text('.github/workflows/check.yml')).includes('.ci/run');
  const all = (await text('.ci/run')).includes('npm test');
  return runs && all && (await text(path)) !== '' ? `${path}, run by check.yml` : null;
}

/** A part of a workflow that says it runs something; null if it does not. */
export async function workflowStep(
  { text }: Evidence,
  workflow: string,
  words: string,
): Promise<string | null> {
  const path = `.github/workflows/${workflow}`;
  return (await text(path)).includes(words) ? `${path}: ${words}` : null;
}

/** All of several pieces of evidence, or null if one is missing. */
export function both(...pieces: readonly (string | null)[]): string | null {
  const found = pieces.filter((piece) => piece !== null);
  return found.length === pieces.length ? found.join('; ') : null;
}
