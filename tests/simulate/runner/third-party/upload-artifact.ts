import { cpSync, existsSync, globSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { renderBytes } from '../../../../platform/lib/text.ts';
import { type Artifact, type Forge, nextId, type Run, record } from '../../github/state.ts';
import { input, type ThirdPartyCall } from './equivalent.ts';

const refused = /[":<>|*?\r\n]/;

/** actions/upload-artifact v7: immutable, one name a run over all its attempts, hidden files left out. */
export async function uploadArtifact(call: ThirdPartyCall): Promise<void> {
  const { host, log } = call;
  const name = input(call, 'name', 'artifact');
  if (refused.test(name) || /[\\/]/.test(name) || name === '')
    throw new Error(
      `The artifact name is not valid: ${name}. Contains one of " : < > | * ? \\r \\n \\ /`,
    );
  const hidden = input(call, 'include-hidden-files') === 'true';
  const found = collect(host.folders.workspace, input(call, 'path').split('\n'), hidden);
  if (found.files.length === 0) {
    const said = `No files were found with the provided path: ${input(call, 'path')}.`;
    if (input(call, 'if-no-files-found', 'warn') === 'error') throw new Error(said);
    log(`Warning: ${said} No artifacts will be uploaded.\n`);
    return;
  }
  const bad = found.files.find((file) => refused.test(relative(found.root, file)));
  if (bad) throw new Error(`The path for one of the files in artifact is not valid: ${bad}.`);
  const overwrite = input(call, 'overwrite') === 'true';
  const artifact = keepArtifact(host.forge, host.run, { name, ...found, overwrite });
  call.outputs['artifact-id'] = String(artifact.id);
  log(`Artifact ${name} has been successfully uploaded (${found.files.length} files)\n`);
}

/** Stores files as an artefact of a run. @throws Error 409 if the run has one of that name */
export function keepArtifact(
  forge: Forge,
  run: Run,
  what: { name: string; root: string; files: readonly string[]; overwrite?: boolean },
): Artifact {
  const same = forge.artifacts.findIndex((one) => one.run === run.id && one.name === what.name);
  if (same >= 0 && !what.overwrite) {
    throw new Error(
      'Failed to CreateArtifact: (409) Conflict: an artifact with this name already exists',
    );
  }
  if (same >= 0) forge.artifacts.splice(same, 1);
  const id = nextId(forge);
  const folder = join(forge.folder, 'artifacts', String(id));
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (const file of what.files) {
    const target = join(folder, relative(what.root, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
    bytes += statSync(file).size;
  }
  const artifact = { id, run: run.id, attempt: run.attempt, name: what.name, folder, bytes };
  forge.artifacts.push(artifact);
  record(forge, 'note', `${run.workflow.name}: artefact ${what.name} (${renderBytes(bytes)})`);
  return artifact;
}

/** One folder is stored from itself on, several paths from what they share. */
function collect(
  workspace: string,
  paths: readonly string[],
  hidden: boolean,
): { root: string; files: string[] } {
  const given = paths.map((path) => path.trim()).filter(Boolean);
  const wanted = given.filter((path) => !path.startsWith('!'));
  const left = given.filter((path) => path.startsWith('!')).map((path) => path.slice(1));
  const matched = wanted.flatMap((path) => globSync(resolve(workspace, path)));
  const excluded = new Set(left.flatMap((path) => globSync(resolve(workspace, path))));
  const files = matched
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path, hidden) : [path]))
    .filter((file) => !excluded.has(file));
  const [first] = matched;
  if (first === undefined) return { root: workspace, files: [] };
  const single = matched.length === 1 && statSync(first).isDirectory();
  return { root: single ? first : sharedFolder(matched), files };
}

function filesBelow(folder: string, hidden: boolean): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const shown = names.filter(
    (name) => hidden || !name.split('/').some((part) => part.startsWith('.')),
  );
  return shown.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
}

function sharedFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => dirname(path).split('/'));
  const [first = []] = folders;
  const differs = first.findIndex((part, at) => folders.some((other) => other[at] !== part));
  const shared = first.slice(0, differs < 0 ? first.length : differs).join('/');
  return existsSync(shared) ? shared : '/';
}
