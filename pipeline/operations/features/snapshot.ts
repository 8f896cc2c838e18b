import { join, resolve } from 'node:path';
import { snapshotName } from '../../../platform/features/index.ts';
import { writeFileAtomic } from '../../../platform/lib/files.ts';
import type { ProjectContext } from '../../context.ts';
import { buildSnapshot } from '../../features/index.ts';
import { featuresOf } from '../../joined-table.ts';

/** A snapshot that was written. */
export interface WrittenSnapshot {
  readonly project: string;
  readonly path: string;
  /** Up to when it holds what was known. */
  readonly at: string;
  /** View → how many entities it knows. */
  readonly entities: Readonly<Record<string, number>>;
}

/**
 * Writes what the server looks up, whole or not at all; a running server takes it within seconds.
 *
 * @param at up to when @param folder where to, relative to the repository
 * @throws MainstemError FEATURES_MISSING, DATA_INVALID, FILE_UNREADABLE
 */
export async function writeSnapshot(
  context: ProjectContext,
  { at, folder }: { readonly at: Date; readonly folder: string },
): Promise<WrittenSnapshot> {
  const definition = featuresOf(context);
  const { root } = context.workspace;
  const project = context.project.definition.name;
  const snapshot = await buildSnapshot({ root, project, definition, at });
  const path = join(resolve(root, folder), snapshotName(project));
  await writeFileAtomic(path, `${JSON.stringify(snapshot)}\n`);
  const counts = Object.entries(snapshot.views).map(([name, { rows }]) => [name, rows.length]);
  return { project, path, at: at.toISOString(), entities: Object.fromEntries(counts) };
}
