import { rename, rm } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { type Digest, digestFile } from '../../../platform/lib/hash.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { temporaryBeside } from '../../../platform/lib/temporary.ts';
import { digestFeatures, type FeatureDefinition } from '../../../platform/schemas/define/index.ts';
import { projectsReading, withDataTurn } from '../../../platform/storage/index.ts';
import type { ProjectContext } from '../../context.ts';
import { type Joined, joinFeatures } from '../../features/index.ts';
import type { JoinNote } from '../../join-note.ts';
import {
  digestSources,
  featuresOf,
  findJoinFaults,
  findNoteFault,
  readJoinNote,
  writeJoinNote,
} from '../../joined-table.ts';
import { type Gathered, type GatherRequest, gatherSources } from './gather.ts';

/** The table of a project, joined. */
export interface JoinedTable extends Joined {
  readonly project: string;
  /** Where it is. */
  readonly path: string;
  readonly table: Digest;
  /** View → what was added to its file before, of views that are gathered. */
  readonly gathered: Readonly<Record<string, Gathered>>;
  /** The other projects that have this table in their data. */
  readonly others: readonly string[];
}

/**
 * Gathers what a server has kept since, joins a project's features to its rows and writes the project's table, with a note of
 * what it was made from.
 *
 * @param now milliseconds since 1970
 * @throws MainstemError FEATURES_MISSING, DATA_INVALID, FILE_UNREADABLE, PREDICTIONS_MISSING, FEEDBACK_MISSING
 */
export async function joinTable(
  context: ProjectContext,
  { folders, now }: Pick<GatherRequest, 'folders' | 'now'>,
): Promise<JoinedTable> {
  const features = featuresOf(context);
  const { workspace, project } = context;
  const gathered = await gatherSources({ workspace, definition: features, folders, now });
  const { name, data } = project.definition;
  const to = join(workspace.root, data.path);
  const others = await projectsReading(workspace.root, name, [data.path]);
  return withDataTurn(workspace, data.path, async () => {
    await makeFolder(dirname(to));
    return withTemporary(to, async (temporary) => {
      const { joined, note } = await joinInto(context, features, temporary);
      await rename(temporary, to);
      await writeJoinNote(context, note);
      return { project: name, path: data.path, table: note.table, gathered, others, ...joined };
    });
  });
}

/** Whether a project's table is what a join would write now. */
export interface JoinCheck {
  readonly project: string;
  readonly path: string;
  /** What does not fit, in sentences; none if all does. */
  readonly faults: readonly string[];
}

/**
 * Joins once more and compares: the definition with the one that the table was joined by, each source and the table with what they
 * were then.
 *
 * @throws MainstemError FEATURES_MISSING, DATA_INVALID, FILE_UNREADABLE, JSON_INVALID
 */
export async function checkJoin(context: ProjectContext): Promise<JoinCheck> {
  const features = featuresOf(context);
  const { workspace, project } = context;
  const { name, data } = project.definition;
  const before = await readJoinNote(context);
  const faults = await findJoinFaults(context);
  if (!before || findNoteFault(before, features)) return { project: name, path: data.path, faults };
  const now = await withTemporary(
    join(workspace.root, data.path),
    async (temporary) => (await joinInto(context, features, temporary)).note,
  );
  const other = now.table === before.table ? [] : ['a join would write another table now'];
  return { project: name, path: data.path, faults: [...faults, ...other] };
}

async function joinInto(
  { workspace, project }: ProjectContext,
  definition: FeatureDefinition,
  to: string,
): Promise<{ joined: Joined; note: JoinNote }> {
  const { root } = workspace;
  const format = extname(project.definition.data.path) === '.parquet' ? 'parquet' : 'csv';
  const sources = await digestSources(root, definition);
  const joined = await joinFeatures({ root, definition, to, format });
  const { rows } = definition;
  const note = {
    definition: digestFeatures(definition),
    rows,
    sources,
    table: await digestFile(to),
  };
  return { joined, note: { version: 1, ...note } };
}

/** Runs `work` with a name beside a path; what it leaves there is removed. */
async function withTemporary<Result>(
  path: string,
  work: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const temporary = temporaryBeside(path);
  try {
    return await work(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}
