import { join, posix } from 'node:path';
import { Type } from 'typebox';
import { MainstemError } from '../../lib/errors.ts';
import { findPlaceFault } from '../../lib/find-place-fault.ts';
import { parseJson } from '../../lib/json.ts';
import { lockFile, projectsFolder } from '../../lib/layout.ts';
import { foldVolume } from '../../lib/look-alikes.ts';
import { readTextIfThere } from '../../lib/read-text.ts';
import type { Project } from '../../schemas/define/index.ts';
import type { LockedDataset } from '../../schemas/index.ts';
import { lockedOf } from './locked-of.ts';

/**
 * Checks that a locked dataset is where its project has it now, so that nothing is written to a place that nobody reads
 * any more. One that no project has must lie in the repository, and neither where git and npm keep code nor among the files of
 * the platform or of models: somebody else's lock would bring code there.
 *
 * @param root the repository's folder
 * @throws MainstemError DATA_MOVED, DATA_INVALID
 */
export async function assertPlace(
  root: string,
  dataset: string,
  locked: LockedDataset,
  projects: readonly Project[],
): Promise<void> {
  const owner = projects.find((project) => placeIn(project, dataset) !== undefined);
  const path = owner && placeIn(owner, dataset);
  if (owner && path !== undefined) {
    if (isSamePlace(locked.path, path)) return;
    const project = owner.definition.name;
    throw new MainstemError('DATA_MOVED', { dataset, project, locked: locked.path, path });
  }
  const fault = findPlaceFault(locked.path) ?? (await findOwnerOf(root, locked));
  if (fault === null) return;
  const reason = `dataset "${dataset}" is at ${JSON.stringify(locked.path)}, ${fault}`;
  throw new MainstemError('DATA_INVALID', { path: lockFile, reason });
}

/** The part of `platform.json` that says what is not the user's. */
const Places = Type.Object({
  platform: Type.Array(Type.String()),
  byCommits: Type.Array(Type.String()),
});

/** Whose place a dataset that no project has would be in; null where it is nobody's. */
async function findOwnerOf(root: string, locked: LockedDataset): Promise<string | null> {
  const parts = foldPath(locked.path);
  if (isBelow(parts, foldPath(projectsFolder))) {
    return isDataFile(parts, locked) ? null : 'but no project has it there';
  }
  const text = await readTextIfThere(join(root, 'platform.json'), 'platform.json');
  const { platform, byCommits } =
    text === null ? { platform: [], byCommits: [] } : parseJson(text, Places, 'platform.json');
  const place = [...platform, ...byCommits].find((one) => isBelow(parts, foldPath(one)));
  return place === undefined ? null : `but ${place} is not for data`;
}

/** A file with data that stands beside the code of a project, as another branch may have it. */
function isDataFile(parts: readonly string[], { kind }: LockedDataset): boolean {
  const depth = foldPath(projectsFolder).length;
  const end = kind === 'backbone' ? /\.onnx$/ : /\.(csv|parquet)$/;
  return kind !== 'images' && parts.length > depth + 1 && end.test(parts.at(-1) ?? '');
}

/** The parts of a path as the volumes of macOS and Windows tell them apart. */
function foldPath(path: string): string[] {
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  return foldVolume(normal)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
}

function isBelow(parts: readonly string[], folder: readonly string[]): boolean {
  return folder.every((part, at) => parts[at] === part);
}

/** Whether two paths, as a lock and a project write them, mean one place. */
export function isSamePlace(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => posix.normalize(`${path}/`));
  return a === b;
}

function placeIn(project: Project, dataset: string): string | undefined {
  return lockedOf(project).find(({ name }) => name === dataset)?.path;
}
