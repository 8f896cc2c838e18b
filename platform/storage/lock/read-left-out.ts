import type { Project } from '../../schemas/define/index.ts';
import { countLeftOut, type LeftOut } from './left-out.ts';
import { lockedOf } from './locked-of.ts';
import { scanDataset } from './scan.ts';

/**
 * What a project's datasets on disk leave out; without those that leave out nothing.
 *
 * @throws MainstemError DATA_NAME_INVALID, FILE_UNREADABLE
 */
export function readLeftOut(
  root: string,
  project: Project,
): { dataset: string; leftOut: LeftOut[] }[] {
  return lockedOf(project).flatMap(({ name: dataset, path }) => {
    const scan = scanDataset(root, path);
    const leftOut = scan ? countLeftOut(scan.leftOut) : [];
    return leftOut.length === 0 ? [] : [{ dataset, leftOut }];
  });
}
