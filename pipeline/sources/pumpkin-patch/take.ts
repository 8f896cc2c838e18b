import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { temporaryIn } from '../../../platform/lib/temporary.ts';
import { writeFile } from '../../../platform/lib/write-file.ts';
import type { PlannedPhoto } from './plan.ts';
import { renderOutlier, renderPumpkin } from './render/index.ts';

/** Renders a photo and returns it as JPEG bytes: the same plan, the same bytes, on every machine. */
export async function renderPhoto(planned: PlannedPhoto): Promise<Uint8Array> {
  const { width, height, pixels } =
    planned.kind === 'pumpkin' ? renderPumpkin(planned.photo) : renderOutlier(planned.photo);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 88, chromaSubsampling: '4:2:0', progressive: false, mozjpeg: false })
    .toBuffer();
}

/** Renders a photo into a folder: whole or not at all. */
export async function takePhoto(folder: string, planned: PlannedPhoto): Promise<void> {
  const path = join(folder, planned.file);
  // Hidden, so that one left by a killed process is not taken for data.
  const temporary = temporaryIn(dirname(path), '.');
  const bytes = await renderPhoto(planned);
  await makeFolder(dirname(path));
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
