import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, hexOf } from '../../../platform/lib/hash.ts';
import { timeOfId } from '../../../platform/lib/prediction-id.ts';
import type { FeedbackLine, Row } from '../../../platform/schemas/index.ts';

/** Something that people labelled: a photo or a row, with all that was said of it. */
export interface Candidate {
  /** Of the bytes that were sent, or of the row. */
  readonly digest: string;
  /** Each label once, in the order in which they came. */
  readonly labels: readonly string[];
  /** Time of the last label, ISO 8601 in UTC. */
  readonly at: string;
  /** When the question was asked, as far as an answer is named; otherwise when somebody said what it is. ISO 8601 in UTC. */
  readonly asked: string;
  /** What the model answered last. */
  readonly predicted: string;
  /** Where the photo is kept, … */
  readonly photo: string | null;
  /** … or what the row holds; of an answer that was labelled by its id the server may have neither. */
  readonly row: Row | null;
  /** What people said of it beside its label, by the slices of the model; of several values the last. */
  readonly slices: Readonly<Record<string, string>>;
}

/**
 * Joins the lines of feedback by what they are about, newest first.
 *
 * @param folder of one model, with its photos
 */
export async function findCandidates(
  folder: string,
  lines: readonly FeedbackLine[],
): Promise<Candidate[]> {
  const photos = await listPhotos(folder);
  const byContent = Map.groupBy(lines, ({ digest }) => digest);
  const candidates = [...byContent].map(([digest, said]): Candidate => {
    const last = said.at(-1);
    return {
      ...{ digest, at: last?.at ?? '', asked: askedAt(last), predicted: last?.predicted ?? '' },
      labels: [...new Set(said.map(({ label }) => label))],
      photo: photos.get(hexOf(digest as Digest)) ?? null,
      row: said.findLast(({ row }) => row !== undefined)?.row ?? null,
      slices: Object.fromEntries(said.flatMap(({ slices = {} }) => Object.entries(slices))),
    };
  });
  return candidates.sort((a, b) => compare(b.at, a.at) || compare(a.digest, b.digest));
}

/** An id of the server tells when it was made. */
function askedAt(line: FeedbackLine | undefined): string {
  const time = line?.id === undefined ? null : timeOfId(line.id);
  return time === null ? (line?.at ?? '') : new Date(time).toISOString();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Photos by the name without its extension, which is the digest of what was sent. */
async function listPhotos(folder: string): Promise<Map<string, string>> {
  if (!existsSync(folder)) return new Map();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries.flatMap((entry): [string, string][] => {
      const [, hex] = /^([0-9a-f]{64})\.(?:jpg|png|webp)$/.exec(entry.name) ?? [];
      return entry.isFile() && hex ? [[hex, join(entry.parentPath, entry.name)]] : [];
    }),
  );
}
