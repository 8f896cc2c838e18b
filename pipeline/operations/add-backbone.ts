import { join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { exists, writeFileAtomic } from '../../platform/lib/files.ts';
import { type Digest, digestBytes } from '../../platform/lib/hash.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { readBytes } from '../../platform/lib/read-text.ts';
import type { BackboneDefinition } from '../../platform/schemas/define/index.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
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
 * @throws MainstemError BACKBONE_… saying what is wrong, INIT_EXISTS where another file has its name, MODEL_… and
 *   STORE_MISSING for a promoted model
 */
export async function addBackbone(
  workspace: Workspace,
  { from, name, features, digest: expected, licence }: BackboneRequest,
): Promise<AddedBackbone> {
  const obtained = await obtainBackbone(workspace, from, expected);
  const { bytes, learnt } = obtained;
  const digest = digestBytes(bytes);
  const known = knownBackbones.find((one) => one.digest === digest);
  const title = name ?? known?.name ?? obtained.called;
  assertName(title);
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

/** @returns its path in the repository */
async function place(
  { root }: Workspace,
  name: string,
  { bytes, digest }: { readonly bytes: Uint8Array; readonly digest: Digest },
): Promise<string> {
  const path = `${folder}/${name}.onnx`;
  const target = join(root, path);
  if (await exists(target)) {
    if (digestBytes(await readBytes(target, path)) === digest) return path;
    throw new MainstemError('INIT_EXISTS', { path });
  }
  await makeFolder(join(root, folder));
  await writeFileAtomic(target, bytes);
  return path;
}
