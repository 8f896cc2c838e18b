import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, relative, sep } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { findPortabilityFault } from '../../../platform/lib/file-names.ts';
import { exists, syncFolder } from '../../../platform/lib/files.ts';
import { projectsFolder } from '../../../platform/lib/layout.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { readFile } from '../../../platform/lib/read-text.ts';
import { shorten } from '../../../platform/lib/text.ts';
import { writeFile } from '../../../platform/lib/write-file.ts';
import { findProjectNameFault } from '../../../platform/schemas/define/index.ts';
import {
  type LockedDataset,
  metadataFile,
  type Task,
  type Workspace,
} from '../../../platform/schemas/index.ts';
import {
  assertNameFree,
  describeSharing,
  projectsReading,
} from '../../../platform/storage/index.ts';
import type { ProjectBackbone } from './backbone-code.ts';
import { holdsLabels } from './holds-labels.ts';
import { isInside } from './is-inside.ts';
import { type DataSource, type PlacedData, placeData } from './place-data.ts';
import type { ProjectPlan } from './plan.ts';
import { planPhotos } from './plan-photos.ts';
import { planTable } from './plan-table.ts';
import { renderCsv } from './render-csv.ts';
import { renderParameters } from './render-parameters.ts';
import { type ProjectTitle, renderProject } from './render-project.ts';
import { renderReadme } from './render-readme.ts';
import { surveyPhotos } from './survey-photos.ts';
import { surveyTable } from './survey-table.ts';

/** What a new project is made from. */
export interface InitRequest {
  readonly name: string;
  /** Absolute: a folder of photos, a file that holds the labels of photos, or a table as a CSV or Parquet file. */
  readonly from: string;
  /** Absolute: the folder of the photos whose labels are in `from`. @default that of the labels */
  readonly photos?: string;
  /** The column to predict; of photos the column or question that holds their labels. */
  readonly label?: string;
  /** The task. @default chosen from the data */
  readonly task?: Task;
  /** Where the data comes from, in words or as an address. */
  readonly source?: string;
  /** SPDX identifier or words. */
  readonly licence?: string;
  /** What a project for photos learns from instead of pixels. */
  readonly backbone?: ProjectBackbone;
}

/** The project that was made. */
export interface InitResult {
  readonly name: string;
  readonly task: Task;
  /** Relative to the repository, like all paths here. */
  readonly folder: string;
  readonly files: readonly string[];
  readonly data: string;
  /** False where the data stayed where it was. */
  readonly copied: boolean;
  readonly examples: number;
  /** Class → examples; empty for regression. */
  readonly classes: Readonly<Record<string, number>>;
  /** Notes for a person. */
  readonly notes: readonly string[];
}

/**
 * Writes a working project for photos or a table: all of it, or nothing.
 *
 * @throws MainstemError INIT_… naming what does not fit, DATA_NAME_TAKEN, DATA_INVALID, INTERRUPTED
 */
export async function initProject(workspace: Workspace, request: InitRequest): Promise<InitResult> {
  const replaced = await assertInitName(workspace.root, request);
  const scratch = await mkdtemp(join(tmpdir(), 'mainstem-init-'));
  try {
    const found = await survey(workspace, request, scratch);
    const result = await placeProject(workspace, request, found);
    return { ...result, notes: [...result.notes, ...noteReplaced(replaced)] };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function placeProject(
  { root, ...workspace }: Workspace,
  { name, from, source, licence }: InitRequest,
  found: Survey,
): Promise<InitResult> {
  const placed = await placeData({ root, ...workspace }, found.data);
  try {
    const title: ProjectTitle = {
      name,
      data: placed.path,
      source: source ?? `Given to mainstem init as ${basename(from)}.`,
      licence: licence ?? 'not stated',
    };
    const files = await writeProject(root, title, found.plan);
    return {
      ...{ name, task: found.plan.task, folder: join(projectsFolder, name), files },
      ...{ data: placed.path, copied: placed.copied, examples: found.examples },
      classes: found.classes,
      notes: [...found.plan.notes, ...(await noteSharing(root, name, placed))],
    };
  } catch (error) {
    await placed.undo();
    throw error;
  }
}

/** Data that stays where it is may be that of others: corrections of the new project would be added to theirs. */
async function noteSharing(root: string, name: string, { path, copied }: PlacedData) {
  const others = copied ? [] : await projectsReading(root, name, [path]);
  if (others.length === 0) return [];
  return [
    `${describeSharing(others, path)}, feedback that is added to it among them. Copy it first to keep them apart.`,
  ];
}

/**
 * Checks that a new project may have its name, and its data that name in the lock.
 *
 * @returns the entry of the lock that the data will replace; null if there is none
 * @throws MainstemError INIT_NAME_INVALID, INIT_EXISTS, DATA_NAME_TAKEN
 */
export async function assertInitName(
  root: string,
  { name, from }: Pick<InitRequest, 'name' | 'from'>,
): Promise<LockedDataset | null> {
  await assertFree(root, name);
  const copies = ['', '.csv', '.parquet'].map((end) => `data/${name}${end}`);
  const inPlace = isInside(root, from) ? [relative(root, from).split(sep).join('/')] : [];
  return assertNameFree(root, { name, places: [...copies, ...inPlace] });
}

function noteReplaced(entry: LockedDataset | null): string[] {
  if (!entry) return [];
  const held = `${plural(entry.files, 'file')} at ${entry.path}`;
  return [
    `data.lock.json has an entry of this name that no project has (${held}): lock replaces it.`,
  ];
}

async function assertFree(root: string, name: string): Promise<void> {
  const fault = findPortabilityFault(name) ?? findProjectNameFault(name);
  if (fault) throw new MainstemError('INIT_NAME_INVALID', { name: shorten(name), reason: fault });
  const path = join(projectsFolder, name);
  if (await exists(join(root, path))) throw new MainstemError('INIT_EXISTS', { path });
}

interface Survey {
  readonly plan: ProjectPlan;
  readonly examples: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly data: DataSource;
}

/** @param scratch a folder for what is converted on the way */
async function survey(
  workspace: Workspace,
  request: InitRequest,
  scratch: string,
): Promise<Survey> {
  const { from } = request;
  const entry = await stat(from).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new MainstemError('INIT_SOURCE_MISSING', { from }, { cause });
  });
  if (entry.isDirectory()) return surveyPhotoFiles(workspace, request, { isFile: false, scratch });
  if (entry.isFile()) {
    return (await holdsLabels(request))
      ? surveyPhotoFiles(workspace, request, { isFile: true, scratch })
      : surveyFile(request);
  }
  throw new MainstemError('FILE_UNREADABLE', { path: from, reason: 'ENOTFILE' });
}

async function surveyPhotoFiles(
  workspace: Workspace,
  request: InitRequest,
  how: { readonly isFile: boolean; readonly scratch: string },
): Promise<Survey> {
  const { name, from, task = 'image-classification', backbone } = request;
  if (task !== 'image-classification') {
    const reason = 'it is a folder or holds labels of photos, a table is a CSV or Parquet file';
    throw new MainstemError('INIT_TASK_MISMATCH', { from, task, reason });
  }
  const found = await surveyPhotos(workspace, { ...request, ...how });
  const { taken, metadata } = found;
  const written = metadata && (found.sorted || found.seriesColumn !== null);
  const described = metadata && !written ? [{ from: metadataFile, to: metadataFile }] : [];
  return {
    plan: planPhotos(name, found, backbone),
    examples: found.photos,
    classes: Object.fromEntries(found.classes),
    data: {
      from: found.folder,
      files: [...taken, ...described],
      texts: written ? { [metadataFile]: renderCsv(metadata) } : {},
      moved: found.moved,
      to: `data/${name}`,
    },
  };
}

async function surveyFile({ name, from, label, task, backbone }: InitRequest): Promise<Survey> {
  if (backbone) {
    const reason = 'it is a table, and a backbone is for photos';
    throw new MainstemError('INIT_TASK_MISMATCH', { from, task: task ?? 'a table', reason });
  }
  const found = await surveyTable(from, label);
  const plan = planTable(from, found, task ?? null);
  const classes = plan.task === 'tabular-regression' ? [] : found.label.counts;
  return {
    plan,
    examples: found.rows,
    classes: Object.fromEntries(classes),
    data: {
      ...{ from, files: null, texts: {}, moved: false },
      to: `data/${name}${extname(from).toLowerCase() === '.parquet' ? '.parquet' : '.csv'}`,
    },
  };
}

/** Writes the project beside its place and renames it there. @returns its files */
async function writeProject(
  root: string,
  title: ProjectTitle,
  plan: ProjectPlan,
): Promise<string[]> {
  const projects = join(root, projectsFolder);
  const temporary = join(projects, `.${title.name}.${process.pid}.tmp`);
  const files = {
    'project.ts': renderProject(title, plan),
    'params.json': renderParameters(plan.parameters),
    ...(plan.template && {
      'model.ts': await readFile(join(import.meta.dirname, '../networks', `${plan.template}.ts`)),
    }),
    'README.md': renderReadme(title, plan),
  };
  try {
    await makeFolder(temporary);
    for (const [file, text] of Object.entries(files)) await writeFile(join(temporary, file), text);
    await rename(temporary, join(projects, title.name));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await syncFolder(projects);
  return Object.keys(files).map((file) => join(projectsFolder, title.name, file));
}
