import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FilledRow,
  fillRow,
  type OnlineView,
  openViews,
  readSnapshot,
  snapshotName,
  unavailableViews,
} from '../../platform/features/index.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { type ColumnKind, isReadable } from '../../platform/transforms/index.ts';
import type { Row } from '../schemas.ts';
import { stampOf } from '../stamp-of.ts';
import type { ServedModel } from './models.ts';

/** A snapshot that a model's features are looked up in. */
export interface OpenSnapshot {
  /** Up to when it holds what was known, in milliseconds since 1970. */
  readonly at: number;
  readonly views: readonly OnlineView[];
}

/** Hears about the snapshots of models. */
export interface FeaturesReporter {
  /** A snapshot is used from now on. */
  opened(model: ServedModel, snapshot: OpenSnapshot): void;
  /** The snapshot that is used; called every second for every version that answers. */
  show(model: ServedModel, snapshot: OpenSnapshot): void;
  /** The file cannot be used; what was open before stays open. */
  failed(model: ServedModel, error: unknown): void;
}

/** The features of all models that look some up. */
export interface Features {
  /**
   * Fills in the features that a row lacks; null for a model that looks none up.
   *
   * @throws nothing: what is not known is said, and a row without features can be answered
   */
  fill(model: ServedModel, row: Row): FilledRow | null;
  /** Looks at the files now. */
  refresh(): Promise<void>;
  close(): void;
}

/** For models that look nothing up. */
export const noFeatures: Features = {
  fill: () => null,
  refresh: async () => {},
  close: () => {},
};

/** Where snapshots are, and for which models. */
export interface FeaturesOptions {
  readonly folder: string;
  /** The versions that answer now. */
  readonly models: () => readonly ServedModel[];
  readonly now: () => Date;
  readonly reporter: FeaturesReporter;
}

/** As often as access keys are looked at. */
const pollMs = 1000;

/** The file of a model's snapshot, which all its versions look into. */
interface SnapshotFile {
  readonly path: string;
  /** Of the file that was last looked at. */
  stamp: string;
  opened: (OpenSnapshot & { readonly definition: string }) | null;
  error: unknown;
}

/** What is known of one version's features. */
interface Entry {
  readonly file: SnapshotFile;
  readonly definition: string;
  readonly columns: ReadonlySet<string>;
  readonly kinds: ReadonlyMap<string, ColumnKind>;
  readonly unavailable: readonly OnlineView[];
  /** The stamp of the file that was last told of. */
  told: string;
}

/**
 * Opens the snapshots of models that look up features, and looks every second whether there are newer ones. Until there is
 * one, and where it is of another definition than the version learnt from, every feature is unavailable.
 */
export async function openFeatures(options: FeaturesOptions): Promise<Features> {
  const { models, folder, now, reporter } = options;
  const files = new Map<string, SnapshotFile>();
  const entries = new WeakMap<ServedModel, Entry | null>();
  const entryOf = (model: ServedModel): Entry | null => {
    const known = entries.get(model);
    if (known !== undefined) return known;
    const entry = createEntry(model, files, folder);
    entries.set(model, entry);
    return entry;
  };
  const refresh = async () => {
    const answering = models().flatMap((model) => {
      const entry = entryOf(model);
      return entry ? [{ model, entry }] : [];
    });
    for (const file of new Set(answering.map(({ entry }) => entry.file))) await readFile(file);
    for (const { model, entry } of answering) report(model, entry, reporter);
  };
  await refresh();
  let busy = false;
  const timer = setInterval(() => {
    // A large file may take longer than the time between two looks.
    if (busy) return;
    busy = true;
    void refresh().finally(() => {
      busy = false;
    });
  }, pollMs).unref();
  return {
    refresh,
    close: () => clearInterval(timer),
    fill(model, row) {
      const entry = entryOf(model);
      if (!entry) return null;
      const views = snapshotOf(entry)?.views ?? entry.unavailable;
      const filled = fillRow(views, row, { at: now().getTime(), columns: entry.columns });
      dropUnreadable(filled.row, row, entry.kinds);
      return filled;
    },
  };
}

function createEntry(
  { name, record }: ServedModel,
  files: Map<string, SnapshotFile>,
  folder: string,
): Entry | null {
  const { features, preprocessing } = record;
  if (!features || preprocessing.kind !== 'table') return null;
  const path = join(folder, snapshotName(name));
  const file = files.get(path) ?? { path, stamp: '', opened: null, error: null };
  files.set(path, file);
  return {
    ...{ file, definition: features.definition, told: '' },
    columns: new Set(preprocessing.columns.map((column) => column.name)),
    kinds: new Map(preprocessing.columns.map(({ name, kind }) => [name, kind])),
    unavailable: unavailableViews(features.views),
  };
}

/** A value from elsewhere that the model cannot read is missing: the caller has not sent it and cannot repair it. */
function dropUnreadable(
  filled: FilledRow['row'],
  sent: Row,
  kinds: ReadonlyMap<string, ColumnKind>,
): void {
  for (const [name, value] of Object.entries(filled)) {
    const kind = kinds.get(name);
    if (kind && !Object.hasOwn(sent, name) && !isReadable(value, kind)) filled[name] = null;
  }
}

/** The snapshot that a version may look into: one of the definition that it learnt from. */
function snapshotOf({ file, definition }: Entry): OpenSnapshot | null {
  return file.opened?.definition === definition ? file.opened : null;
}

/** Opens the file where it is another one than before. */
async function readFile(file: SnapshotFile): Promise<void> {
  const found = await stat(file.path, { bigint: true }).catch((error: unknown) => String(error));
  const stamp = stampOf(found);
  if (stamp === file.stamp) return;
  try {
    const snapshot = await readSnapshot(file.path);
    const { at, definition } = snapshot;
    file.opened = { at, definition, views: openViews(snapshot) };
    file.error = null;
  } catch (error) {
    file.error = error;
  }
  file.stamp = stamp;
}

/** Says once what became of a file, and shows what is used. */
function report(model: ServedModel, entry: Entry, reporter: FeaturesReporter): void {
  const { file } = entry;
  const snapshot = snapshotOf(entry);
  if (entry.told !== file.stamp) {
    entry.told = file.stamp;
    const { path } = file;
    if (file.error !== null) reporter.failed(model, file.error);
    else if (snapshot) reporter.opened(model, snapshot);
    else
      reporter.failed(
        model,
        new MainstemError('FEATURES_OTHER_DEFINITION', { path, model: model.name }),
      );
  }
  if (snapshot) reporter.show(model, snapshot);
}
