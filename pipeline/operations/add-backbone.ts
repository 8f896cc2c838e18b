import { basename, join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { exists, writeFileAtomic } from '../../platform/lib/files.ts';
import { type Digest, digestBytes } from '../../platform/lib/hash.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { readBytes } from '../../platform/lib/read-text.ts';
import type { BackboneDefinition } from '../../platform/schemas/define/index.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import { assertNameFree, encodeManifest } from '../../platform/storage/index.ts';
import {
  imageNetPixels,
  knownBackbones,
  listBlocks,
  type ProbedBackbone,
  probeBackbone,
  storedPixels,
  type TunableBlocks,
} from '../backbones/index.ts';
import { withoutSecrets } from './backbones/download.ts';
import { obtainBackbone } from './backbones/obtain.ts';

/** A backbone to use. */
export interface BackboneRequest {
  /** Path of a file, an https address, a name of the catalogue, or a promoted model: `pumpkins`, `pumpkins@3f2a9c41d07b`. */
  readonly from: string;
  /** What its bytes must be. */
  readonly digest?: Digest;
  /** Its licence, where the catalogue does not know it. */
  readonly licence?: string;
  /** What to call it. @default its own name */
  readonly name?: string;
  /** The tensor with the features. @default what the last Gemm or MatMul reads */
  readonly features?: string;
  /** The name of the data that it is for, which it cannot have. */
  readonly reserved?: string;
}

/** A backbone that lies in the repository, ready to be named in a project.ts. */
export interface AddedBackbone extends ProbedBackbone {
  readonly definition: BackboneDefinition;
  readonly digest: Digest;
  readonly bytes: number;
  /** Whether how it takes pixels is known: from the catalogue, or from its own file. */
  readonly known: boolean;
  /** Which of its last blocks can be trained, too. */
  readonly tunable: TunableBlocks;
  /** How many photos a promoted model has learnt from. */
  readonly learnt?: number;
  /** What a person must know of it. */
  readonly notes: readonly string[];
}

const folder = 'data/backbones';

/**
 * Puts a backbone into `data/backbones`, if it can be used: whole, or nothing.
 *
 * @throws MainstemError BACKBONE_… saying what is wrong, INIT_EXISTS where another file has its name, DATA_NAME_TAKEN, MODEL_… and
 *   STORE_MISSING for a promoted model
 */
export async function addBackbone(
  workspace: Workspace,
  { from, name, features, digest: expected, licence, reserved }: BackboneRequest,
): Promise<AddedBackbone> {
  const obtained = await obtainBackbone(workspace, from, expected);
  const { bytes, learnt } = obtained;
  const digest = digestBytes(bytes);
  const known = knownBackbones.find((one) => one.digest === digest);
  const title = name ?? known?.name ?? obtained.called;
  assertName(title);
  await assertFree(workspace, title, { bytes, digest, reserved });
  const options = { path: withoutSecrets(from), features };
  const probed = await probeBackbone(bytes, options);
  const tunable = await listBlocks(bytes, { ...options, size: probed.size });
  const path = await place(workspace, title, { bytes, digest });
  const facts = { ...obtained, ...known };
  const definition: BackboneDefinition = {
    ...{ name: title, path, source: facts.source },
    licence: known?.licence ?? licence ?? facts.licence ?? notStated,
    ...(features !== undefined && { features }),
    pixels: facts.pixels ?? (probed.takesBytes ? storedPixels : imageNetPixels),
    ...(obtained.origin && { origin: obtained.origin }),
  };
  return {
    ...{ ...probed, tunable, definition, digest, bytes: bytes.length },
    known: facts.pixels !== undefined,
    ...(learnt !== undefined && { learnt }),
    notes: [...obtained.notes, ...(definition.licence === notStated ? [licenceNote] : [])],
  };
}

const notStated = 'not stated';
const licenceNote =
  'Its licence is not known, and its weights will be in every model that is made with it: ask for it and write it into project.ts.';

function assertName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    throw new MainstemError('BACKBONE_NAME_INVALID', { name });
}

interface Content {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/**
 * Several projects may learn from one backbone, under one name. What else has the name, or is locked under it as another file,
 * would be overwritten by the next lock.
 *
 * @throws MainstemError DATA_NAME_TAKEN
 */
async function assertFree(
  { root }: Workspace,
  name: string,
  { bytes, digest, reserved }: Content & { readonly reserved: string | undefined },
): Promise<void> {
  const remedy = 'call the backbone otherwise (--name)';
  if (name === reserved) {
    const whose = "the new project's own data has it";
    throw new MainstemError('DATA_NAME_TAKEN', { name, whose, remedy });
  }
  const path = pathOf(name);
  const entry = await assertNameFree(root, { name, places: [path], shareable: true });
  if (!entry) return;
  const file = { path: basename(path), digest, bytes: bytes.length };
  if (digestBytes(encodeManifest([file])) === entry.digest) return;
  const whose = `another file is locked there as ${entry.path}`;
  throw new MainstemError('DATA_NAME_TAKEN', { name, whose, remedy });
}

function pathOf(name: string): string {
  return `${folder}/${name}.onnx`;
}

/** @returns its path in the repository */
async function place(
  { root }: Workspace,
  name: string,
  { bytes, digest }: Content,
): Promise<string> {
  const path = pathOf(name);
  const target = join(root, path);
  if (await exists(target)) {
    if (digestBytes(await readBytes(target, path)) === digest) return path;
    throw new MainstemError('INIT_EXISTS', { path });
  }
  await makeFolder(join(root, folder));
  await writeFileAtomic(target, bytes);
  return path;
}
