import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { writeCacheFile } from '../../platform/lib/files.ts';
import { type Digest, hexOf } from '../../platform/lib/hash.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { readTextIfThere } from '../../platform/lib/read-text.ts';
import { type BlobStore, DigestSchema, PrepareOutput } from '../../platform/schemas/index.ts';
import { readPrepared } from '../prepare/index.ts';

/*
 * Which features earlier runs computed, by an extractor and the pixels that it saw: what new photos are added to need not be
 * computed again. A note names results in the store; one that is damaged or gone costs its features alone.
 */

const NotedResult = Type.Object({
  output: PrepareOutput,
  /** Digests of the pixels, row for row. */
  pixels: Type.Array(DigestSchema),
});
type NotedResult = Static<typeof NotedResult>;

const Note = Type.Array(NotedResult);

/** So many results of one extractor are remembered: data and outliers, on two branches. */
const remembered = 4;

/** Features by the digest of the pixels; each is the bytes of a row. */
export type KnownFeatures = ReadonlyMap<Digest, Uint8Array>;

/** Reads what is known of an extractor. @param extractor digest of its file */
export async function readKnownFeatures(
  root: string,
  store: BlobStore,
  extractor: Digest,
): Promise<KnownFeatures> {
  const known = new Map<Digest, Uint8Array>();
  for (const { output, pixels } of await readNote(root, extractor)) {
    const data = await readPrepared(store, output).catch(() => null);
    if (data?.index.rows.length !== pixels.length) continue;
    for (const [row, digest] of pixels.entries()) known.set(digest, data.row(row));
  }
  return known;
}

/** Remembers a result for the next run. */
export async function noteFeatures(
  root: string,
  extractor: Digest,
  result: NotedResult,
): Promise<void> {
  const others = (await readNote(root, extractor)).filter(
    ({ output }) => output.index.digest !== result.output.index.digest,
  );
  const note = JSON.stringify([result, ...others].slice(0, remembered));
  await writeCacheFile(notePath(root, extractor), note);
}

async function readNote(root: string, extractor: Digest): Promise<NotedResult[]> {
  const path = notePath(root, extractor);
  try {
    return parseJson((await readTextIfThere(path, path)) ?? '[]', Note, path);
  } catch {
    return [];
  }
}

function notePath(root: string, extractor: Digest): string {
  return join(root, '.mainstem', 'features', `${hexOf(extractor)}.json`);
}
