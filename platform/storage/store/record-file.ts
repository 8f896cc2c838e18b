import { type Static, Type } from 'typebox';
import { MainstemError } from '../../lib/errors.ts';
import { type Digest, digestJson } from '../../lib/hash.ts';
import { parseJson } from '../../lib/json.ts';
import { ifIntact } from '../../lib/parse-intact.ts';
import { DigestSchema, StageRecord } from '../../schemas/index.ts';

/*
 * A stage record's file: the record as JSON, and the digest of its canonical JSON as `checksum`, since a flipped bit in
 * a figure is valid JSON too. Files of earlier versions have none.
 */

const names = new Set([...Object.keys(StageRecord.properties), 'checksum']);
const StoredRecord = Type.Object({
  ...StageRecord.properties,
  checksum: Type.Optional(DigestSchema),
});
type StoredRecord = Static<typeof StoredRecord>;

/** The text of a record's file. */
export function encodeRecord(record: StageRecord): string {
  // As it will be read: without what JSON leaves out.
  const plain: StageRecord = JSON.parse(JSON.stringify(record));
  return `${JSON.stringify({ ...plain, checksum: checksumOf(plain) }, null, 2)}\n`;
}

/**
 * The record of a key from its file's text.
 *
 * @param path names the text in an error.
 * @throws MainstemError JSON_INVALID if it is damaged, or is another key's
 */
export function decodeRecord(text: string, key: Digest, path: string): StageRecord {
  const { checksum, ...record } = parseJson(text, StoredRecord, path);
  const reason = flawOf(record, key, checksum);
  if (reason !== undefined) throw new MainstemError('JSON_INVALID', { path, reason });
  return record;
}

/** As {@link decodeRecord}, but null if it is damaged: then it is as if there were none. */
export function decodeIntactRecord(text: string, key: Digest, path: string): StageRecord | null {
  return ifIntact(() => decodeRecord(text, key, path));
}

function flawOf(
  record: Omit<StoredRecord, 'checksum'>,
  key: Digest,
  checksum: Digest | undefined,
): string | undefined {
  // Damage may also be in the name of the checksum itself.
  const foreign = Object.keys(record).find((name) => !names.has(name));
  if (foreign !== undefined) return `it has an unknown member "${foreign}"`;
  if (record.key !== key) return `it says that it is the record of ${record.key}`;
  if (checksum === undefined || checksum === checksumOf(record)) return undefined;
  return 'its content does not have the checksum that it names';
}

function checksumOf(record: StageRecord): Digest {
  return digestJson(record);
}
