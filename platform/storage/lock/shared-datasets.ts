import { posix } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import { projectsFolder } from '../../lib/layout.ts';
import type { DatasetDefinition, Project } from '../../schemas/define/index.ts';
import { withoutHeldBack } from './held-back.ts';
import { leavesOf } from './leaves-of.ts';
import { lockedOf, sourcesOf } from './locked-of.ts';
import { loadOtherProjects } from './other-projects.ts';

/** A dataset of a project that another project has, too: both have one entry in the lock. */
export interface SharedDataset {
  readonly dataset: string;
  /** The other project. */
  readonly project: string;
  /** Where the other defines it differently, so that the entry can be right for one of them only; empty for none. */
  readonly differences: readonly string[];
}

/**
 * The datasets of a project whose names other projects have, too. A project that cannot be loaded counts for none.
 *
 * @example await findSharedDatasets(root, penguins)
 * // [{ dataset: 'penguins', project: 'birds', differences: ['split.seed is 7 here, 8 there'] }]
 */
export async function findSharedDatasets(root: string, project: Project): Promise<SharedDataset[]> {
  const { projects } = await loadOtherProjects(root, project.definition.name);
  return compareWithAll(project, projects);
}

function compareWithAll(project: Project, others: readonly Project[]): SharedDataset[] {
  return lockedOf(project).flatMap((dataset) =>
    others.flatMap((other) => compareWith(project, dataset, other)),
  );
}

function compareWith(project: Project, dataset: DatasetDefinition, other: Project) {
  const same = lockedOf(other).find(({ name }) => name === dataset.name);
  if (!same) return [];
  const [here, there] = [leavesOf(factsOf(project, dataset)), leavesOf(factsOf(other, same))];
  const fields = [...new Set([...here.keys(), ...there.keys()])];
  const differences = fields
    .filter((field) => here.get(field) !== there.get(field))
    .map((field) => {
      return `${field} is ${here.get(field) ?? 'left out'} here, ${there.get(field) ?? 'left out'} there`;
    });
  return [{ dataset: dataset.name, project: other.definition.name, differences }];
}

/** All that a definition puts into the entry of a dataset; what the files themselves say is the same for everybody. */
function factsOf(project: Project, { path, source, licence }: DatasetDefinition): object {
  const { data, backbone, split, table, task } = project.definition;
  const place = posix.join(path, '/').slice(0, -1);
  if (sourcesOf(project).some((one) => one.path === path)) return { kind: 'source', path: place };
  const stated = { path: place, source, licence };
  if (path === backbone?.path) return { kind: 'backbone', ...stated, origin: backbone.origin };
  return {
    kind: task === 'image-classification' ? 'images' : 'table',
    ...stated,
    split: path === data.path ? split : withoutHeldBack(split),
    ...(table && { counted: task === 'tabular-regression' ? 'by rows' : `by ${table.label}` }),
  };
}

/**
 * Checks that each dataset of some projects has one definition: where two contradict each other, whoever locks last
 * overwrites what the other has trained on.
 *
 * @throws MainstemError DATA_CONTRADICTED
 */
export async function assertOneDefinition(
  root: string,
  projects: readonly Project[],
): Promise<void> {
  const { projects: all } = await loadOtherProjects(root, null);
  for (const project of projects) {
    const { name } = project.definition;
    const others = all.filter(({ definition }) => definition.name !== name);
    const shared = compareWithAll(project, others);
    const found = shared.find(({ differences }) => differences.length > 0);
    if (found) throw contradiction(name, found);
  }
}

/** The error for a dataset that two projects define differently. */
export function contradiction(project: string, shared: SharedDataset): MainstemError {
  const { dataset, project: other, differences } = shared;
  const [own, others] = [project, other].map((name) => `${projectsFolder}/${name}/project.ts`);
  const details = { dataset, own, other: others, differences: differences.join('; ') };
  return new MainstemError('DATA_CONTRADICTED', details);
}
