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
import type { Row } from '../schemas.ts';
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
  readonly models: readonly ServedModel[];
  readonly now: () => Date;
  readonly reporter: FeaturesReporter;
}

/** As often as access keys are looked at. */
const pollMs = 1000;

/** What is known of one model's snapshot. */
interface Entry {
  readonly model: ServedModel;
  readonly path: string;
  readonly columns: ReadonlySet<string>;
  views: readonly OnlineView[];
  /** Of the file that was last looked at. */
  stamp: string;
}

/**
 * Opens the snapshots of models that look up features, and looks every second whether there are newer ones. Until there is
 * one, and where it is of another definition than the model learnt from, every feature is unavailable.
 */
export async function openFeatures(options: FeaturesOptions): Promise<Features> {
  const { models, folder, now, reporter } = options;
  const entries = models.flatMap((model) => entryOf(model, folder));
  if (entries.length === 0) return noFeatures;
  const byName = new Map(entries.map((entry) => [entry.model.name, entry]));
  const refresh = async () => {
    for (const entry of entries) await refreshEntry(entry, reporter);
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
      const entry = byName.get(model.name);
      if (!entry) return null;
      return fillRow(entry.views, row, { at: now().getTime(), columns: entry.columns });
    },
  };
}

function entryOf(model: ServedModel, folder: string): Entry[] {
  const { features, preprocessing } = model.record;
  if (!features || preprocessing.kind !== 'table') return [];
  const path = join(folder, snapshotName(model.name));
  const columns = new Set(preprocessing.columns.map(({ name }) => name));
  return [{ model, path, columns, views: unavailableViews(features.views), stamp: '' }];
}

async function refreshEntry(entry: Entry, reporter: FeaturesReporter): Promise<void> {
  const { model, path } = entry;
  const found = await stat(path, { bigint: true }).catch((error: unknown) => String(error));
  const stamp = typeof found === 'string' ? found : `${found.ino} ${found.size} ${found.mtimeNs}`;
  if (stamp === entry.stamp) return;
  entry.stamp = stamp;
  try {
    const snapshot = await readSnapshot(path);
    const expected = model.record.features?.definition;
    if (snapshot.definition !== expected) {
      throw new MainstemError('FEATURES_OTHER_DEFINITION', { path, model: model.name });
    }
    entry.views = openViews(snapshot);
    reporter.opened(model, { at: snapshot.at, views: entry.views });
  } catch (error) {
    reporter.failed(model, error);
  }
}
