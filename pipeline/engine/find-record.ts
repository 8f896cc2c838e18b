import { isMainstemError } from '../../platform/lib/errors.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import type { StageInputs, StageRecord } from '../../platform/schemas/index.ts';
import { missingArtefact } from './artefacts.ts';
import { explainChanges } from './explain.ts';
import type { RecordStore } from './flow-options.ts';
import type { Job } from './job.ts';

/** A record that can be reused, or the reason why the existing one cannot. */
export interface FoundRecord {
  readonly record: StageRecord | null;
  readonly reason: string;
}

/**
 * Looks up the result of a run key. It can be reused if the run has finished, all its artefacts are in the store, and
 * the job accepts its outputs.
 *
 * @returns null if there has been no such run, or its record is damaged.
 */
export async function findRecord(
  store: RecordStore,
  key: Digest,
  job: Job,
): Promise<FoundRecord | null> {
  const record = await store.readRecord(key);
  if (!record) return null;
  const reason = await flawOf(store, record, job);
  return { record: reason ? null : record, reason };
}

/** The reason why the record cannot be reused, or ''. */
async function flawOf(store: RecordStore, record: StageRecord, job: Job): Promise<string> {
  if (record.status === 'failed') return `failed last time: ${record.error?.code ?? 'UNEXPECTED'}`;
  const missing = await missingArtefact(store, record.outputs);
  if (missing) {
    const how = (await store.has(missing)) ? 'damaged in' : 'missing from';
    return `artefact ${missing} is ${how} the store`;
  }
  try {
    job.accept(record.outputs);
    return '';
  } catch (error) {
    if (isMainstemError(error, 'JSON_INVALID')) return `its record is invalid: ${error.message}`;
    throw error;
  }
}

/** Describes what has changed since a stage's last finished run. */
export async function explain(
  store: RecordStore,
  last: Digest | undefined,
  now: StageInputs,
  { sources }: Job,
): Promise<string[]> {
  if (!last) return ['never run'];
  const before = await store.readRecord(last);
  const changes = before ? explainChanges(before.ingredients, now, sources) : [];
  return changes.length > 0 ? changes : ['the record of the last run is gone'];
}

/**
 * Describes what has changed since a stage's last finished run if some of its inputs are not known yet: only the known
 * ones are compared.
 */
export async function explainAhead(
  store: RecordStore,
  last: Digest | undefined,
  now: StageInputs,
  job: Job,
): Promise<string[]> {
  const before = last ? await store.readRecord(last) : null;
  if (!before) return explain(store, last, now, job);
  const known = new Set(Object.keys(Object(now.inputs)));
  const inputs = Object.entries(Object(before.ingredients.inputs)).filter(([key]) =>
    known.has(key),
  );
  const compared = { ...before.ingredients, inputs: Object.fromEntries(inputs) };
  return explainChanges(compared, now, job.sources);
}
