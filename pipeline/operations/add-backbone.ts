import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { exists, writeFileAtomic } from '../../platform/lib/files.ts';
import { type Digest, digestBytes } from '../../platform/lib/hash.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { readBytes } from '../../platform/lib/read-text.ts';
import type { BackboneDefinition } from '../../platform/schemas/define/index.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import {
  imageNetPixels,
  type KnownBackbone,
  knownBackbones,
  type ProbedBackbone,
  probeBackbone,
} from '../backbones/index.ts';

/** A backbone to use. */
export interface BackboneRequest {
  /** Path of a file, an https address, or a name of the catalogue. */
  readonly from: string;
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
  /** Whether the catalogue knows it, and with it how it takes pixels and whose it is. */
  readonly known: boolean;
}

const folder = 'data/backbones';
const mostBytes = 1024 ** 3;

/**
 * Puts a backbone into `data/backbones`, if it can be used: whole, or nothing.
 *
 * @throws MainstemError BACKBONE_… saying what is wrong, INIT_EXISTS where another file has its name
 */
export async function addBackbone(
  workspace: Workspace,
  { from, name, features }: BackboneRequest,
): Promise<AddedBackbone> {
  const { bytes, called } = await obtain(workspace, from);
  const digest = digestBytes(bytes);
  const known = knownBackbones.find((one) => one.digest === digest);
  const title = name ?? known?.name ?? called;
  assertName(title);
  const probed = await probeBackbone(bytes, { path: from, features });
  const path = await place(workspace, title, { bytes, digest });
  const definition: BackboneDefinition = {
    ...{
      name: title,
      path,
      source: known?.source ?? from,
      licence: known?.licence ?? 'not stated',
    },
    ...(features !== undefined && { features }),
    pixels: known?.pixels ?? imageNetPixels,
  };
  return { ...probed, definition, digest, bytes: bytes.length, known: known !== undefined };
}

/** The file's bytes, and what to call it where nobody says. */
async function obtain(
  workspace: Workspace,
  from: string,
): Promise<{ bytes: Uint8Array; called: string }> {
  if (/^https?:\/\//.test(from)) {
    return { bytes: await download(workspace, from), called: nameOf(new URL(from).pathname) };
  }
  if (await exists(resolve(from))) {
    const { size } = await stat(resolve(from));
    if (size > mostBytes) throw tooLarge(from);
    return { bytes: await readBytes(resolve(from), from), called: nameOf(from) };
  }
  const known = knownBackbones.find(({ name, address }) => name === from && address);
  if (known?.address) return { bytes: await downloadKnown(workspace, known), called: known.name };
  const names = knownBackbones.flatMap(({ name, address }) => (address ? [name] : []));
  throw new MainstemError('BACKBONE_MISSING', { from, known: names.join(', ') });
}

function nameOf(path: string): string {
  return basename(path)
    .replace(/\.onnx$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

function assertName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    throw new MainstemError('BACKBONE_NAME_INVALID', { name });
}

async function downloadKnown(workspace: Workspace, known: KnownBackbone): Promise<Uint8Array> {
  const address = known.address ?? '';
  const bytes = await download(workspace, address);
  const found = digestBytes(bytes);
  if (found === known.digest) return bytes;
  throw new MainstemError('BACKBONE_OTHER', { address, found, expected: known.digest });
}

async function download({ reporter, signal }: Workspace, address: string): Promise<Uint8Array> {
  const unreachable = (reason: string, cause?: unknown) =>
    new MainstemError('BACKBONE_UNREACHABLE', { address, reason }, { cause });
  reporter.info(`Downloading ${address}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    const response = await fetch(address, { signal });
    if (!response.ok) throw unreachable(`it answered ${response.status}`);
    for await (const part of response.body ?? []) {
      parts.push(part);
      size += part.length;
      if (size > mostBytes) throw tooLarge(address);
    }
  } catch (error) {
    if (error instanceof MainstemError || signal.aborted) throw error;
    throw unreachable(reasonOf(error), error);
  }
  return Buffer.concat(parts);
}

/** What `fetch` says of a network that is not there is only in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function tooLarge(path: string): MainstemError {
  return new MainstemError('BACKBONE_UNSUPPORTED', { path, reason: 'it is larger than 1 GiB' });
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
