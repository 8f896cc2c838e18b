import { join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { digestBytes, digestJson, hexOf } from '../../platform/lib/hash.ts';
import { readFile } from '../../platform/lib/read-text.ts';
import { loadPromoted } from '../../platform/registry/index.ts';
import { assertProject } from '../../platform/schemas/define/index.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import { nameBlob, openStore } from '../../platform/storage/index.ts';
import { buildPage, typeOf } from './export-web/build-page.ts';
import {
  assertReplaceable,
  type ExportList,
  listName,
  placeFolder,
} from './export-web/place-folder.ts';

/** Which page to write, and where. */
export interface WebExport {
  readonly name: string;
  /** Absolute. It is made, or replaced if it is an earlier export. */
  readonly folder: string;
  /** The address of the server that takes corrections; null for a page that takes none. */
  readonly server: string | null;
}

/**
 * Writes the promoted model of a project as a page that answers in the browser, without a network: whole, or nothing.
 *
 * @returns the list of what was written
 * @throws MainstemError PROJECT_UNKNOWN, MODEL_NOT_PROMOTED, MODEL_RECORD_*, STORE_*, OUTPUT_TAKEN
 */
export async function exportWeb(
  { root, signal }: Workspace,
  { name, folder, server }: WebExport,
): Promise<ExportList> {
  await assertProject(root, name);
  const promoted = await loadPromoted(root, name);
  if (!promoted) throw new MainstemError('MODEL_NOT_PROMOTED', { model: name });
  await assertReplaceable(folder);
  const { onnx: digest, run } = promoted.pointer;
  const onnx = await openStore(root)
    .get(digest)
    .catch(nameBlob(`the ONNX file of ${name} ${run}`));
  const page = await buildPage({ name, promoted, onnx, server });
  const files = new Map([...page, ['service-worker.js', await renderServiceWorker(page)]]);
  const list = listFiles(name, run, files);
  signal.throwIfAborted();
  await placeFolder(folder, files.set(listName, Buffer.from(`${JSON.stringify(list, null, 2)}\n`)));
  return list;
}

function listFiles(model: string, run: string, files: ReadonlyMap<string, Uint8Array>): ExportList {
  const listed = [...files].map(([path, content]) => ({
    path,
    bytes: content.length,
    digest: digestBytes(content),
  }));
  return { version: 1, model, run, page: digestJson(listed), files: listed };
}

/** The service worker with the list of files before it: a browser notices a new export by this file alone. */
async function renderServiceWorker(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const source = join(import.meta.dirname, '../../serving/offline/web/service-worker.js');
  const list = Object.fromEntries(
    [...files].map(([path, content]) => [
      path,
      { digest: integrityOf(content), type: typeOf(path) },
    ]),
  );
  return Buffer.from(
    `const files = ${JSON.stringify(list, null, 2)};\n\n${await readFile(source, 'utf8')}`,
  );
}

/** A digest as browsers compare it while they download. */
function integrityOf(content: Uint8Array): string {
  return `sha256-${Buffer.from(hexOf(digestBytes(content)), 'hex').toString('base64')}`;
}
