import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { Resource } from './custom-resources.ts';
import { goPrograms } from './tools.ts';

/** The manifests of the repository. */
export const kubernetes = join(import.meta.dirname, '../../infra/kubernetes');

const named = globSync('**/kustomization.yaml', { cwd: kubernetes }).map((path) => ({
  folder: dirname(path).replaceAll('\\', '/'),
  kind: `${parse(readFileSync(join(kubernetes, path), 'utf8')).kind}`,
}));

const foldersOf = (kind: string) =>
  named.flatMap((one) => (one.kind === kind ? one.folder : [])).sort();

/** What can be rolled out: the folders of infra/kubernetes that are whole. */
export const kustomizations = foldersOf('Kustomization');

/** What can be added to them. */
export const components = foldersOf('Component');

/** Renders a folder as kubectl does. @throws Error with what kustomize says */
export function render(folder: string): string {
  const { status, stdout, stderr } = spawnSync(goPrograms.kustomize, ['build', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The resources that a text of manifests holds. */
export function readResources(text: string): Resource[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** Renders the base with components, as a kustomization outside the repository's folder names them. */
export async function renderWith(folder: string, ...added: string[]): Promise<string> {
  const here = join(folder, 'kustomization');
  await mkdir(here);
  const from = (name: string) => relative(here, join(kubernetes, name));
  const content = { resources: [from('.')], components: added.map(from) };
  await writeFile(join(here, 'kustomization.yaml'), JSON.stringify(content));
  return render(here);
}
