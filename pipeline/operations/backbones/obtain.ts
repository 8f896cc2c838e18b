import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { type Digest, digestBytes } from '../../../platform/lib/hash.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { knownBackbones } from '../../backbones/index.ts';
import { download, downloadLimits, withoutSecrets } from './download.ts';
import { type DownloadableBackbone, findSource } from './find-source.ts';
import type { ObtainedBackbone } from './obtained.ts';
import { promotedBackbone, recognisePackaged } from './promoted-backbone.ts';

/**
 * Gets what a person means by a backbone: a file, an address, a name of the catalogue or a promoted model.
 *
 * @param digest what its bytes must be
 * @throws MainstemError BACKBONE_…, MODEL_…, FILE_UNREADABLE, STORE_MISSING
 */
export async function obtainBackbone(
  workspace: Workspace,
  from: string,
  digest?: Digest,
): Promise<ObtainedBackbone> {
  const source = await findSource(workspace.root, from);
  switch (source.kind) {
    case 'address':
      return fromAddress(workspace, source.address, digest);
    case 'catalogue':
      return fromCatalogue(workspace, source.known);
    case 'model':
      return asExpected(await promotedBackbone(workspace, source), from, digest);
    case 'file':
      return asExpected(await fromFile(workspace, source.path), from, digest);
  }
}

async function fromFile(workspace: Workspace, path: string): Promise<ObtainedBackbone> {
  const { size } = await stat(resolve(path));
  const { mostBytes } = downloadLimits;
  if (size > mostBytes) {
    const reason = `it is larger than ${mostBytes / 1024 ** 2} MiB`;
    throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
  }
  const bytes = await readBytes(resolve(path), path);
  const packaged = await recognisePackaged(workspace, bytes, path);
  return { bytes, source: basename(path), notes: [], ...packaged, called: callBy(path) };
}

async function fromCatalogue(
  workspace: Workspace,
  { address, digest, bytes: size, name, source, licence, pixels }: DownloadableBackbone,
): Promise<ObtainedBackbone> {
  const bytes = await download(workspace, { address, digest, bytes: size });
  return { bytes, called: name, source, licence, pixels, notes: [] };
}

async function fromAddress(
  workspace: Workspace,
  address: string,
  digest: Digest | undefined,
): Promise<ObtainedBackbone> {
  const bytes = await download(workspace, { address, digest });
  const path = withoutSecrets(address);
  const called = callBy(new URL(address).pathname);
  const packaged = await recognisePackaged(workspace, bytes, path);
  const found = digestBytes(bytes);
  const vouched = digest !== undefined || knownBackbones.some((known) => known.digest === found);
  const obtained = { bytes, source: path, notes: [], ...packaged, called };
  return { ...obtained, notes: [...obtained.notes, ...(vouched ? [] : [trustedOnce(found)])] };
}

function trustedOnce(digest: Digest): string {
  return `Nobody vouches for this file: the address was trusted this once. Compare ${digest} with what its publisher says; whoever adds it from there again can give it with --digest.`;
}

/** What is at hand is what it was said to be. */
function asExpected(
  obtained: ObtainedBackbone,
  from: string,
  digest: Digest | undefined,
): ObtainedBackbone {
  const found = digestBytes(obtained.bytes);
  if (digest === undefined || found === digest) return obtained;
  throw new MainstemError('BACKBONE_OTHER', { address: from, found, expected: digest });
}

function callBy(path: string): string {
  return basename(path)
    .replace(/\.onnx$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}
