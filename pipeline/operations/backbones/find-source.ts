import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { exists } from '../../../platform/lib/files.ts';
import { projectsFolder } from '../../../platform/lib/layout.ts';
import { listRuns, promotedModels } from '../../../platform/registry/index.ts';
import { type KnownBackbone, knownBackbones } from '../../backbones/index.ts';
import type { NamedModel } from './promoted-backbone.ts';

/** Where a backbone is to come from. */
export type BackboneSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'catalogue'; readonly known: DownloadableBackbone }
  | ({ readonly kind: 'model' } & NamedModel);

/** A backbone of the catalogue that has an address. */
export type DownloadableBackbone = KnownBackbone & { readonly address: string };

/** Those of the catalogue that can be downloaded. */
export const downloadable: readonly DownloadableBackbone[] = knownBackbones.flatMap((known) =>
  known.address === null ? [] : [{ ...known, address: known.address }],
);

const catalogued = 'catalogue:';

/**
 * What a person means by a backbone: an address, a file, a name of the catalogue, or a promoted model. A bare name that is
 * more than one of these is refused.
 *
 * @throws MainstemError BACKBONE_AMBIGUOUS, BACKBONE_MISSING, MODEL_NOT_PROMOTED, FILE_UNREADABLE for a folder
 */
export async function findSource(root: string, from: string): Promise<BackboneSource> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) return { kind: 'address', address: from };
  const path = resolve(from);
  const file: BackboneSource[] = (await isFile(path)) ? [{ kind: 'file', path: from }] : [];
  const found = [...file, ...(/[/\\]/.test(from) ? [] : await named(root, from))];
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  if (only) {
    const meanings = found.map(describe).join(' or ');
    throw new MainstemError('BACKBONE_AMBIGUOUS', { from, found: meanings });
  }
  if (await exists(path)) await refuseFolder(from);
  throw await missing(root, from);
}

/** What a name is besides a file. */
async function named(root: string, from: string): Promise<BackboneSource[]> {
  const isExplicit = from.startsWith(catalogued);
  const name = isExplicit ? from.slice(catalogued.length) : from;
  const known = downloadable.filter((one) => one.name === name);
  const catalogue = known.map((one) => ({ kind: 'catalogue', known: one }) as const);
  if (isExplicit) return catalogue;
  const [, model = from, version = 'production'] =
    /^([^@]+)@(production|staging|[0-9a-f]{4,12})$/.exec(from) ?? [];
  return (await modelNames(root)).has(model)
    ? [...catalogue, { kind: 'model', model, version }]
    : catalogue;
}

/** The models with a record or a pointer. */
async function modelNames(root: string): Promise<Set<string>> {
  const runs = await listRuns(root);
  return new Set([...runs.map(({ model }) => model), ...(await promotedModels(root))]);
}

async function isFile(path: string): Promise<boolean> {
  return (await exists(path)) && (await stat(path)).isFile();
}

/** A folder, a device or the like. */
async function refuseFolder(path: string): Promise<never> {
  const isFolder = (await stat(resolve(path))).isDirectory();
  throw new MainstemError('FILE_UNREADABLE', { path, reason: isFolder ? 'EISDIR' : 'ENOTFILE' });
}

async function missing(root: string, from: string): Promise<MainstemError> {
  const [name = from] = from.split('@');
  const isProject =
    /^[a-z][a-z0-9-]*$/.test(name) && (await exists(join(root, projectsFolder, name)));
  if (isProject) return new MainstemError('MODEL_NOT_PROMOTED', { model: name });
  const names = [...downloadable.map((one) => one.name), ...(await modelNames(root))];
  return new MainstemError('BACKBONE_MISSING', { from, known: names.join(', ') });
}

function describe(source: BackboneSource): string {
  switch (source.kind) {
    case 'file':
      return `the file ./${source.path}`;
    case 'address':
      return source.address;
    case 'catalogue':
      return `${source.known.name} of the catalogue`;
    case 'model':
      return `the promoted model ${source.model}@${source.version}`;
  }
}
