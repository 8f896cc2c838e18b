import { MainstemError } from '../platform/lib/errors.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import {
  digestFeatures,
  type Project,
  type ProjectDefinition,
  type TunedFrom,
  tunedFrom,
} from '../platform/schemas/define/index.ts';
import type { BackendInfo, DataLock, LockedDataset } from '../platform/schemas/index.ts';
import type { BackboneInput } from './backbones/index.ts';

/** What the pipeline computes with. */
export interface Materials {
  readonly definition: ProjectDefinition;
  readonly dataset: LockedDataset;
  /** The inputs that must be refused; null without such a set. */
  readonly outOfDistribution: LockedDataset | null;
  /** The network whose features are learnt from; null without one. */
  readonly backbone: BackboneInput | null;
  /** Where the part of the backbone begins that is trained, too; null where none is. */
  readonly tuned: TunedFrom | null;
  readonly backend: BackendInfo;
}

/**
 * Looks up in the lock what a project computes with.
 *
 * @throws MainstemError DATA_UNLOCKED
 */
export function materialsOf(
  { definition, parameters }: Pick<Project, 'definition' | 'parameters'>,
  lock: DataLock,
  backend: BackendInfo,
): Materials {
  const locked = (dataset: string) => {
    const found = ownValue(lock.datasets, dataset);
    if (found) return found;
    throw new MainstemError('DATA_UNLOCKED', { dataset, project: definition.name });
  };
  const { outOfDistribution, backbone } = definition;
  return {
    definition,
    dataset: locked(definition.data.name),
    outOfDistribution: outOfDistribution ? locked(outOfDistribution.name) : null,
    backbone: backbone
      ? {
          dataset: locked(backbone.name),
          features: backbone.features ?? null,
          pixels: backbone.pixels,
        }
      : null,
    ...{ tuned: backbone ? tunedFrom(parameters) : null, backend },
  };
}

/** What the packaged file says about its origin; nothing about when or where, so that equal inputs give equal bytes. */
export function provenanceOf({
  definition,
  dataset,
  outOfDistribution,
  backbone,
}: Omit<Materials, 'backend' | 'tuned'>) {
  return {
    model: definition.name,
    data: dataset.digest,
    ...(outOfDistribution && { outOfDistribution: outOfDistribution.digest }),
    ...(backbone && { backbone: backbone.dataset.digest }),
    // A server must look up what the model learnt from, so that another definition makes another model.
    ...(definition.features && { features: digestFeatures(definition.features) }),
  };
}
