import { cpSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Artifact } from '../../github/state.ts';
import { matchesAny } from '../triggers.ts';
import { input, type ThirdPartyCall } from './equivalent.ts';

/**
 * actions/download-artifact v8: by name, ids or pattern, of this run or another one. Merged artefacts are laid over each
 * other from the newest to the oldest, which is what a workflow must bear: no order is promised.
 */
export async function downloadArtifact(call: ThirdPartyCall): Promise<void> {
  const { host, log } = call;
  const target = resolve(host.folders.workspace, input(call, 'path', '.'));
  const found = await find(call);
  const named = input(call, 'name') !== '' || input(call, 'artifact-ids') !== '';
  if (named && found.length === 0)
    throw new Error('Unable to download artifact(s): Artifact not found');
  mkdirSync(target, { recursive: true });
  const flat = input(call, 'merge-multiple') === 'true' || (named && found.length === 1);
  for (const { name, folder } of found) {
    cpSync(folder, flat ? target : join(target, name), { recursive: true });
  }
  call.outputs['download-path'] = target;
  log(`Total of ${found.length} artifact(s) downloaded\n`);
}

async function find(call: ThirdPartyCall): Promise<Artifact[]> {
  const { forge, run } = call.host;
  const id = Number(input(call, 'run-id') || run.id);
  if (input(call, 'github-token') !== '') await askForPermission(call, id);
  else if (id !== run.id) throw new Error('Another run needs the input github-token');
  const [name, pattern] = [input(call, 'name'), input(call, 'pattern')];
  const ids = input(call, 'artifact-ids').split(',').filter(Boolean).map(Number);
  const all = forge.artifacts.filter((one) => one.run === id).sort((a, b) => b.id - a.id);
  if (ids.length > 0) return all.filter((one) => ids.includes(one.id));
  if (name !== '') return all.filter((one) => one.name === name).slice(0, 1);
  return pattern === '' ? all : all.filter((one) => matchesAny([pattern], one.name));
}

/** The token has to be allowed to read the run, which the API decides. */
async function askForPermission(call: ThirdPartyCall, id: number): Promise<void> {
  const { forge } = call.host;
  const repository = input(call, 'repository', forge.home.fullName);
  const url = `${forge.url}/repos/${repository}/actions/runs/${id}/artifacts`;
  const token = input(call, 'github-token');
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (answer.ok) return;
  throw new Error(`Unable to download artifact(s): ${answer.status} ${await answer.text()}`);
}
