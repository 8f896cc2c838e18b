import { isMainstemError } from '../../../platform/lib/errors.ts';
import type { Digest } from '../../../platform/lib/hash.ts';
import { loadPromoted, promotedModels } from '../../../platform/registry/index.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { knownBackbones } from '../../backbones/index.ts';

/** A backbone that `backbone add` takes by its name. */
export interface ListedBackbone {
  readonly name: string;
  readonly kind: 'catalogue' | 'model';
  readonly digest: Digest;
  readonly bytes: number;
  /** Null for a promoted model, whose licence is that of its data. */
  readonly licence: string | null;
  readonly source: string;
  /** Null where there is nothing to download: a file of the catalogue that has to be exported, or a promoted model. */
  readonly address: string | null;
}

/** The catalogue, and the models of this repository that serve and take pictures. */
export async function listBackbones({ root, reporter }: Workspace): Promise<ListedBackbone[]> {
  const catalogue = knownBackbones.map(
    ({ name, digest, bytes, licence, source, address }): ListedBackbone => ({
      ...{ name, kind: 'catalogue', digest, bytes, licence, source, address },
    }),
  );
  const models: ListedBackbone[] = [];
  for (const name of await promotedModels(root)) {
    const promoted = await loadPromoted(root, name).catch((error: unknown) => {
      // One that is damaged must not hide the others.
      if (!isMainstemError(error)) throw error;
      reporter.warn(error.message);
      return null;
    });
    if (promoted?.record.task !== 'image-classification') continue;
    const { digest, bytes } = promoted.record.package.onnx;
    const source = `promoted model ${name} ${promoted.record.run}`;
    models.push({
      ...{ name, kind: 'model', digest, bytes, source },
      licence: null,
      address: null,
    });
  }
  return [...catalogue, ...models];
}
