import { join, relative } from 'node:path';

/** Whether a path is below a folder; both absolute. */
export function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && !inside.startsWith('..') && join(folder, inside) === path;
}
