import { type Digest, digestJson } from '../lib/hash.ts';
import type { ModelRecord } from '../schemas/index.ts';

/**
 * The digest by which a pointer names a record: over all of it but when, from which commit and how fast the model was
 * made, and why its backend was chosen. So whoever trains the same run again gets the same digest.
 *
 * @param record may have more properties than its schema; they count.
 * @example recordDigest(record) === recordDigest({ ...record, createdAt: '2027-01-01T00:00:00.000Z' }) // true
 */
export function recordDigest(record: ModelRecord): Digest {
  const { createdAt: _at, commit: _commit, dirty: _dirty, ...computed } = record;
  const { latencyMs: _latency, ...packaged } = record.package;
  const { reason: _reason, ...backend } = record.training.backend;
  return digestJson({ ...computed, package: packaged, training: { ...record.training, backend } });
}
