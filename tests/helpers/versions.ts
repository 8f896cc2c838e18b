import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../platform/lib/json-file.ts';
import { buildPointer, recordPath, type TrialChannel } from '../../platform/registry/index.ts';
import type { ModelPointer, ModelRecord, Traffic } from '../../platform/schemas/index.ts';
import { openStore } from '../../platform/storage/index.ts';
import { buildRecord, type ModelRepository, type RecordPart } from './model-repository.ts';

/** The fixture network with a comment: the same answers from other bytes. */
export async function networkWith(
  comment: string,
  name: 'colours' | 'table' | 'regression' = 'table',
): Promise<Buffer> {
  const network = await readFile(new URL(`../fixtures/models/${name}.onnx`, import.meta.url));
  // Field 6 of a model is its `doc_string`.
  return Buffer.concat([network, Buffer.from([0x32, comment.length]), Buffer.from(comment)]);
}

/** Promotes another version of a model. @param network its bytes, which the store gets; none for those in the store already */
export async function promoteVersion(
  { root, promote }: ModelRepository,
  part: RecordPart,
  { run, network }: { readonly run: string; readonly network: Uint8Array },
): Promise<ModelPointer> {
  return promote(await recordOf(root, part, { run, network }));
}

/** The record of a version whose network is in the store. */
export async function recordOf(
  root: string,
  part: RecordPart,
  { run, network }: { readonly run: string; readonly network: Uint8Array },
): Promise<ModelRecord> {
  const onnx = await openStore(root).put(network, 'application/onnx');
  return buildRecord(part, onnx, run);
}

/** Tries a version beside production, as a commit would. */
export async function tryVersion(
  root: string,
  channel: TrialChannel,
  record: ModelRecord,
  traffic: Traffic,
): Promise<void> {
  await writeJson(join(root, recordPath(record.model, record.run)), record);
  const pointer = { ...buildPointer(record, [], null), traffic };
  await writeJson(join(root, 'models', record.model, `${channel}.json`), pointer);
}

/** Exchanges a text in the files of a store, as a failing disk would; both texts are equally long. */
export async function changeInStore(root: string, from: string, to: string): Promise<number> {
  const folder = join(root, '.mainstem/store');
  let changed = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const at = bytes.indexOf(from);
    if (at < 0) continue;
    bytes.write(to, at);
    await writeFile(path, bytes);
    changed += 1;
  }
  return changed;
}
