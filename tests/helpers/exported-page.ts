import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportWeb } from '../../pipeline/operations/export-web.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import type { ModelRepository } from './model-repository.ts';

/** Gives a repository of promoted models the projects that commands look for. */
export async function addProjects({ root }: ModelRepository, ...names: string[]): Promise<void> {
  for (const name of names) {
    const folder = join(root, 'pipeline/projects', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'project.ts'), 'export default {};\n');
  }
}

/** Exports a promoted model as `mainstem export web` does. */
export function exportHere(
  { root }: ModelRepository,
  name: string,
  folder: string,
  server: string | null = null,
): ReturnType<typeof exportWeb> {
  const { signal } = new AbortController();
  return exportWeb({ root, signal, reporter: silentReporter }, { name, folder, server });
}
