import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles } from '../lib/files.ts';
import { type Digest, digestBytes, digestJson } from '../lib/hash.ts';

/** What the server is made of, relative to the repository: exactly what `infra/container/Dockerfile` copies. */
export const serverFiles = [
  'package.json',
  'package-lock.json',
  'platform/features',
  'platform/lib',
  'platform/schemas',
  'platform/transforms',
  'platform/registry',
  'platform/storage',
  'monitoring',
  'serving',
] as const;

/**
 * The digest of the server's own files: `/version` names it, and a deployment compares it with the tree. Models and
 * data do not count; they are compared by their records.
 *
 * @param root folder of the server's code: the repository, a release, or /app in the container
 * @example await readBuildId(root) // 'sha256:5d1c…'
 */
export function readBuildId(root: string): Promise<Digest> {
  return digestTree(root, serverFiles);
}

/**
 * The digest of some files and folders, by path and content; hidden files and installed packages do not count, and what
 * is not there counts as empty.
 *
 * @param paths relative to `root`
 * @example await digestTree(root, ['infra']) // 'sha256:9f3e…'
 */
export async function digestTree(root: string, paths: readonly string[]): Promise<Digest> {
  const listed = await Promise.all(paths.map((path) => filesAt(root, path)));
  const files = listed.flat().filter((path) => !path.split('/').includes('node_modules'));
  // With promises, hundreds of small files take three times the processor time, and a server reads its own at every start.
  return digestJson(
    Object.fromEntries(files.map((path) => [path, digestBytes(readFileSync(join(root, path)))])),
  );
}

/** The file itself, every file below the folder, or nothing. */
async function filesAt(root: string, path: string): Promise<string[]> {
  const found = await stat(join(root, path)).catch(() => null);
  if (!found?.isDirectory()) return found ? [path] : [];
  return (await listFiles(join(root, path))).map((file) => `${path}/${file}`);
}
