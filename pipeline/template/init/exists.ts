import { lstat } from 'node:fs/promises';

/** Whether something lies at a path. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
