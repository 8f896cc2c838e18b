import { canonicalJson } from '../../../platform/lib/canonical-json.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import type { DataLock } from '../../../platform/schemas/index.ts';
import type { Proposal } from './proposal-file.ts';

type Entries = Proposal['datasets'];

/** The entries that differ between two locks. */
export function changedEntries(before: DataLock, after: DataLock): Entries {
  const changed: Entries = {};
  for (const [name, entry] of Object.entries(after.datasets)) {
    const old = ownValue(before.datasets, name) ?? null;
    if (canonicalJson(old) !== canonicalJson(entry)) changed[name] = { before: old, after: entry };
  }
  return changed;
}

/**
 * Puts changed entries into a lock that may have moved on in others meanwhile.
 *
 * @throws MainstemError RETRAIN_OUTDATED if one of these entries is not what the data was collected on
 */
export function applyEntries(lock: DataLock, entries: Entries): DataLock {
  const datasets = { ...lock.datasets };
  for (const [name, { before, after }] of Object.entries(entries)) {
    const present = ownValue(lock.datasets, name) ?? null;
    if (canonicalJson(present) !== canonicalJson(before)) {
      throw new MainstemError('RETRAIN_OUTDATED', { dataset: name });
    }
    datasets[name] = after;
  }
  return { version: 1, datasets };
}
