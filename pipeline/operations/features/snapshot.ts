import { join, resolve } from 'node:path';
import { type FeatureSnapshot, snapshotName } from '../../../platform/features/index.ts';
import { writeFileAtomic } from '../../../platform/lib/files.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { type ColumnKind, isReadable } from '../../../platform/transforms/index.ts';
import type { ProjectContext } from '../../context.ts';
import { buildSnapshot } from '../../features/index.ts';
import { featuresOf } from '../../joined-table.ts';
import { type Gathered, type GatherRequest, gatherSources } from './gather.ts';

/** A snapshot that was written. */
export interface WrittenSnapshot {
  readonly project: string;
  readonly path: string;
  /** Up to when it holds what was known. */
  readonly at: string;
  /** View → how many entities it knows. */
  readonly entities: Readonly<Record<string, number>>;
  /** Column → how many of its values no model could read, and which are therefore left out. */
  readonly unreadable: Readonly<Record<string, number>>;
  /** View → what was added to its file before, of views that are gathered. */
  readonly gathered: Readonly<Record<string, Gathered>>;
}

/** What a snapshot holds, and where it goes. */
export interface SnapshotOptions extends Pick<GatherRequest, 'folders' | 'now'> {
  /** Up to when. */
  readonly at: Date;
  /** Where to, relative to the repository. */
  readonly folder: string;
}

/**
 * Gathers what a server has kept since, and writes what the server looks up, whole or not at all; a running server takes it within
 * seconds.
 *
 * @throws MainstemError FEATURES_MISSING, DATA_INVALID, FILE_UNREADABLE, PREDICTIONS_MISSING, FEEDBACK_MISSING
 */
export async function writeSnapshot(
  context: ProjectContext,
  { at, folder, folders, now }: SnapshotOptions,
): Promise<WrittenSnapshot> {
  const definition = featuresOf(context);
  const { workspace } = context;
  const { root } = workspace;
  const gathered = await gatherSources({ workspace, definition, folders, now });
  const project = context.project.definition.name;
  const built = await buildSnapshot({ root, project, definition, at });
  const columns = context.project.definition.table?.features ?? {};
  const { snapshot, unreadable } = withoutUnreadable(built, columns);
  const path = join(resolve(root, folder), snapshotName(project));
  await writeFileAtomic(path, `${JSON.stringify(snapshot)}\n`);
  const counts = Object.entries(snapshot.views).map(([name, { rows }]) => [name, rows.length]);
  const entities = Object.fromEntries(counts);
  return { project, path, at: at.toISOString(), entities, unreadable, gathered };
}

/** A value that a model cannot read would be the caller's fault in every answer: to the server it is missing. */
function withoutUnreadable(
  snapshot: FeatureSnapshot,
  columns: Readonly<Record<string, { readonly kind: ColumnKind }>>,
): Pick<WrittenSnapshot, 'unreadable'> & { readonly snapshot: FeatureSnapshot } {
  const unreadable = new Map<string, number>();
  const read = <Cell extends string | number | null>(cell: Cell, name: string | undefined) => {
    const kind = name === undefined ? undefined : ownValue(columns, name)?.kind;
    if (name === undefined || kind === undefined || isReadable(cell, kind)) return cell;
    unreadable.set(name, (unreadable.get(name) ?? 0) + 1);
    return null;
  };
  const views = Object.entries(snapshot.views).map(([name, view]) => {
    const first = view.keys.length + 1;
    const rows = view.rows.map((row) =>
      row.map((cell, place) => read(cell, view.fields[place - first])),
    );
    return [name, { ...view, rows }] as const;
  });
  return {
    snapshot: { ...snapshot, views: Object.fromEntries(views) },
    unreadable: Object.fromEntries(unreadable),
  };
}
