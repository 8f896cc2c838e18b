import { MainstemError } from '../../../platform/lib/errors.ts';
import { type Digest, digestBytes } from '../../../platform/lib/hash.ts';
import {
  type Channel,
  findRecord,
  listRuns,
  loadRecord,
} from '../../../platform/registry/index.ts';
import type { ModelRecord, Workspace } from '../../../platform/schemas/index.ts';
import {
  nameBlob,
  openStore,
  readLock,
  readManifest,
  type Store,
} from '../../../platform/storage/index.ts';
import {
  describePackaged,
  markPromoted,
  type PackagedNetwork,
  type PromotedBackbone,
} from '../../backbones/index.ts';
import { readIndex } from '../../prepare/index.ts';
import type { ObtainedBackbone } from './obtained.ts';

/** A model of this repository. */
export interface NamedModel {
  readonly model: string;
  /** A channel, or the first digits of a run. */
  readonly version: string;
}

/**
 * A promoted model as a backbone: the file that serves, with what it is and what it has learnt from.
 *
 * @throws MainstemError MODEL_NOT_PROMOTED, MODEL_RUN_UNKNOWN, MODEL_RECORD_…, BACKBONE_UNSUPPORTED, STORE_MISSING
 */
export async function promotedBackbone(
  workspace: Workspace,
  named: NamedModel,
): Promise<ObtainedBackbone> {
  const record = await recordOf(workspace.root, named);
  if (record.task !== 'image-classification') {
    const reason = 'it takes rows of a table, not pictures';
    throw new MainstemError('BACKBONE_UNSUPPORTED', { path: nameOf(record), reason });
  }
  return fromRecord(workspace, record);
}

/**
 * What is known of a file that Mainstem packaged: the promoted model of this repository that it is, or what it says itself.
 *
 * @returns null if another program made it
 */
export async function recognisePackaged(
  workspace: Workspace,
  bytes: Uint8Array,
  path: string,
): Promise<Omit<ObtainedBackbone, 'called'> | null> {
  const packaged = await describePackaged(bytes, path);
  if (!packaged) return null;
  const { model, pixels, promoted } = packaged;
  if (promoted) {
    const licence = await licencesOf(workspace.root, promoted.origin[0]?.data ?? {});
    return { bytes, source: sourceOf(promoted), licence, pixels, ...known(promoted), notes: [] };
  }
  const record = await findPackaged(workspace.root, digestBytes(bytes));
  if (record) return fromRecord(workspace, record);
  const notes = [
    `It is the model ${model} that Mainstem made elsewhere: which photos it has learnt from is not known, so nothing can say whether yours are among them. Add it where it was promoted, and take the file from there.`,
  ];
  return { bytes, source: `the model ${model}, made with Mainstem elsewhere`, pixels, notes };
}

function recordOf(root: string, { model, version }: NamedModel): Promise<ModelRecord> {
  return isChannel(version)
    ? findRecord(root, model, undefined, version)
    : findRecord(root, model, version);
}

function isChannel(version: string): version is Channel {
  return version === 'production' || version === 'staging';
}

/** The promoted model whose file has this digest. */
async function findPackaged(root: string, digest: Digest): Promise<ModelRecord | null> {
  for (const { model, run } of await listRuns(root)) {
    const record = await loadRecord(root, model, run);
    if (record.package.onnx.digest === digest) return record;
  }
  return null;
}

async function fromRecord({ root }: Workspace, record: ModelRecord): Promise<ObtainedBackbone> {
  const store = openStore(root);
  const { model, run, data } = record;
  const { digest } = record.package.onnx;
  const onnx = await store.get(digest).catch(nameBlob(`the file of ${nameOf(record)}`));
  const packaged = await describePackaged(onnx, nameOf(record));
  if (!packaged) {
    const reason = 'its file does not say how it takes pictures';
    throw new MainstemError('BACKBONE_UNSUPPORTED', { path: nameOf(record), reason });
  }
  const { rows } = await readIndex(store, record.prepared);
  // What validation decided is learnt from, too; a model's own test photos it has not learnt from.
  const learnt = rows.filter(({ split }) => split !== 'test').map((row) => row.digest);
  const base = await loadBase(store, packaged, nameOf(record));
  const origin = { model, run, onnx: digest, data };
  const { bytes, promoted } = await markPromoted(onnx, origin, { learnt, base });
  return {
    ...{ bytes, called: `${model}-${run}`, source: sourceOf(promoted) },
    ...{ licence: await licencesOf(root, data), pixels: packaged.pixels },
    ...known(promoted),
    notes: [],
  };
}

/** What a model stands on, if that is a promoted model too. */
async function loadBase(
  store: Store,
  { standsOn }: PackagedNetwork,
  name: string,
): Promise<PromotedBackbone | null> {
  if (!standsOn) return null;
  const path = `the backbone of ${name}`;
  const [file] = await readManifest(store, { digest: standsOn, path });
  if (!file) return null;
  const bytes = await store.get(file.digest).catch(nameBlob(path));
  return (await describePackaged(bytes, path))?.promoted ?? null;
}

/** The licences of a model's data, as far as the lock still has them. */
async function licencesOf(
  root: string,
  data: Readonly<Record<string, Digest>>,
): Promise<string | undefined> {
  const digests = new Set<string>(Object.values(data));
  const locked = Object.values((await readLock(root)).datasets);
  const licences = locked.flatMap(({ digest, licence }) => (digests.has(digest) ? [licence] : []));
  return licences.length > 0 ? `that of its data: ${[...new Set(licences)].join(', ')}` : undefined;
}

function known({ origin, seen }: PromotedBackbone) {
  return { origin, learnt: seen.size };
}

function sourceOf({ origin }: PromotedBackbone): string {
  const models = origin.map(({ model, run }) => `${model} ${run}`);
  return `promoted model ${models.join(', which stands on ')}`;
}

function nameOf({ model, run }: ModelRecord): string {
  return `${model} ${run}`;
}
