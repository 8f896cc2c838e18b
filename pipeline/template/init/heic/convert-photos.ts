import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { inLanes } from '../../../../platform/lib/in-lanes.ts';
import { plural } from '../../../../platform/lib/plural.ts';
import { readFile } from '../../../../platform/lib/read-text.ts';
import { mostThreads } from '../../../../platform/lib/threads.ts';
import { writeFile } from '../../../../platform/lib/write-file.ts';
import type { Workspace } from '../../../../platform/schemas/index.ts';
import { imageFormat } from '../../../../platform/transforms/index.ts';
import type { TakenFile } from '../list-photos.ts';
import { createHeicConverter } from './convert-heic.ts';

/** Photos, those that were HEIC with the JPEG that is taken instead. */
export interface ConvertedPhotos {
  readonly photos: readonly TakenFile[];
  /** Whether there is any JPEG that was HEIC. */
  readonly converted: boolean;
  /** For a person. */
  readonly notes: readonly string[];
}

/**
 * Converts the photos that are HEIC, whatever their names say; one that cannot be converted stays as it is.
 *
 * @param into a folder for the JPEGs
 */
export async function convertPhotos(
  { reporter, signal }: Workspace,
  { folder, photos }: { readonly folder: string; readonly photos: readonly TakenFile[] },
  into: string,
): Promise<ConvertedPhotos> {
  const heic = await filterHeic(folder, photos);
  if (heic.length === 0) return { photos, converted: false, notes: [] };
  const progress = reporter.progress('Converting', heic.length, 'HEIC photos');
  await using converter = createHeicConverter();
  const bytes = new Map<string, string>();
  const faults: string[] = [];
  try {
    await inLanes(heic, mostThreads, async ({ from }, at) => {
      signal.throwIfAborted();
      const converted = await converter.convert(await readFile(join(folder, from)));
      const path = join(into, `${at}.jpg`);
      if ('jpeg' in converted) await writeFile(path, converted.jpeg);
      if ('jpeg' in converted) bytes.set(from, path);
      else faults.push(`${from}: ${converted.fault}`);
      progress.update(bytes.size + faults.length);
    });
  } finally {
    progress.end();
  }
  return {
    photos: photos.map((photo) => {
      const instead = bytes.get(photo.from);
      return instead === undefined ? photo : { ...photo, bytes: instead };
    }),
    converted: bytes.size > 0,
    notes: notesOf(bytes.size, faults.sort()),
  };
}

async function filterHeic(folder: string, photos: readonly TakenFile[]): Promise<TakenFile[]> {
  const found: TakenFile[] = [];
  for (const photo of photos) {
    if (await isHeic(join(folder, photo.from))) found.push(photo);
  }
  return found;
}

async function isHeic(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16);
    return imageFormat(buffer.subarray(0, bytesRead))?.name === 'heic';
  } finally {
    await file.close();
  }
}

function notesOf(converted: number, faults: readonly string[]): string[] {
  const [first] = faults;
  return [
    ...(converted > 0 ? [`Converted ${plural(converted, 'HEIC photo')} to JPEG.`] : []),
    ...(first === undefined
      ? []
      : [
          `Could not convert ${plural(faults.length, 'HEIC photo')}, for example ${first}. Validation stops until they are replaced or removed.`,
        ]),
  ];
}
