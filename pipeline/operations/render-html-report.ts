import { MainstemError } from '../../platform/lib/errors.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import { photosOf, type Report, renderHtml } from '../../platform/report/index.ts';
import type { BlobStore } from '../../platform/schemas/index.ts';
import { renderThumbnail } from '../../platform/transforms/index.ts';

/**
 * Renders a report as a page that needs nothing else, with small copies of the photos that it is about. A photo that the
 * store lacks, or that cannot be read, is left out.
 */
export async function renderHtmlReport(store: BlobStore, report: Report): Promise<string> {
  const photos = new Map<string, string>();
  for (const digest of photosOf(report)) {
    const photo = await findThumbnail(store, digest);
    if (photo !== null) photos.set(digest, photo);
  }
  return renderHtml(report, { photos });
}

async function findThumbnail(store: BlobStore, digest: Digest): Promise<string | null> {
  try {
    return await renderThumbnail(await store.get(digest));
  } catch (error) {
    if (error instanceof MainstemError) return null;
    throw error;
  }
}
