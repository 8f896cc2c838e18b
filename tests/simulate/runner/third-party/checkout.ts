import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git, shaOf } from '../../github/git.ts';
import type { JobHost } from '../job-host.ts';
import { runProcess } from '../run-process.ts';
import { input, type ThirdPartyCall } from './equivalent.ts';

/**
 * actions/checkout v7: fetches over git's HTTP protocol with the given token, removes what is not tracked (ignored files
 * too), and refuses a fork's code where the workflow has rights. Installed packages are linked in, as npm ci leaves them.
 */
export async function checkout(call: ThirdPartyCall): Promise<void> {
  const { host } = call;
  const folder = join(host.folders.workspace, input(call, 'path'));
  const repository = input(call, 'repository', host.forge.home.fullName);
  const { ref, sha } = wanted(call, repository);
  refuseForks(host, ref, sha);
  prepare(folder);
  const url = `${host.forge.url}/${repository}.git`;
  const token = input(call, 'token', host.token.value);
  const header = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const run = (args: readonly string[]) => runGit(call, folder, header, args);
  if (!existsSync(join(folder, '.git'))) {
    git(folder, ['init', '--quiet', '--initial-branch=main']);
    git(folder, ['remote', 'add', 'origin', url]);
  } else clean(folder);
  await run(fetchArguments(call, ref, sha));
  place(folder, ref, sha);
  clean(folder);
  if (input(call, 'persist-credentials', 'true') !== 'false') persist(call, folder, header);
  await linkPackages(folder, host.options.nodeModules);
  call.outputs.ref = ref;
  call.outputs.commit = git(folder, ['rev-parse', 'HEAD']);
  call.log(`Checked out ${ref || sha} (${call.outputs.commit})\n`);
}

/** Without an input: what the event names; workflow_run and schedules name the default branch. */
function wanted(call: ThirdPartyCall, repository: string): { ref: string; sha: string | null } {
  const { trigger } = call.host.run;
  const given = input(call, 'ref');
  if (given === '' && repository === call.host.forge.home.fullName)
    return { ref: trigger.ref, sha: trigger.sha };
  if (/^[0-9a-f]{40}$/.test(given)) return { ref: '', sha: given };
  const name = given || call.host.forge.home.defaultBranch;
  return { ref: name.startsWith('refs/') ? name : `refs/heads/${name}`, sha: null };
}

function refuseForks({ run, forge }: JobHost, ref: string, sha: string | null): void {
  if (!['workflow_run', 'pull_request_target'].includes(run.trigger.event)) return;
  const heads = forge.pulls
    .filter(({ head }) => head.repo !== undefined)
    .map(({ head }) => head.sha);
  if (!heads.includes(sha ?? '') && !ref.startsWith('refs/pull/')) return;
  throw new Error('Refusing to check out fork code in a workflow with elevated permissions.');
}

function prepare(folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (existsSync(join(folder, '.git'))) return;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
}

/** As checkout does with `clean: true`: ignored files go too, for example what a server was started from. */
function clean(folder: string): void {
  const link = join(folder, 'node_modules');
  if (existsSync(link) && lstatSync(link).isSymbolicLink()) rmSync(link);
  git(folder, ['clean', '-ffdxq']);
  if (shaOf(folder, 'HEAD')) git(folder, ['reset', '--hard', '--quiet', 'HEAD']);
}

/** A whole history brings every branch, so the wanted one needs no line of its own. */
function fetchArguments(call: ThirdPartyCall, ref: string, sha: string | null): string[] {
  const depth = Number(input(call, 'fetch-depth', '1'));
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const local = branch
    ? `refs/remotes/origin/${branch}`
    : ref.replace('refs/', 'refs/remotes/') || 'refs/remotes/origin/wanted';
  const one = `+${sha ?? ref}:${local}`;
  const fetch = ['fetch', '--quiet', '--no-tags'];
  if (depth > 0) return [...fetch, `--depth=${depth}`, 'origin', one];
  const all = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  return [...fetch, 'origin', ...all, ...(branch ? [] : [one])];
}

function place(folder: string, ref: string, sha: string | null): void {
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const remote = branch === undefined ? null : `refs/remotes/origin/${branch}`;
  if (branch !== undefined && remote !== null) {
    git(folder, ['checkout', '--quiet', '--force', '-B', branch, sha ?? remote]);
    return;
  }
  const fetched = sha ?? ref.replace('refs/', 'refs/remotes/');
  git(folder, ['checkout', '--quiet', '--force', '--detach', fetched]);
}

function persist(call: ThirdPartyCall, folder: string, header: string): void {
  const key = `http.${call.host.forge.url}/.extraheader`;
  git(folder, ['config', key, header]);
  call.host.posts.push({
    name: 'Post actions/checkout',
    run: async () => void git(folder, ['config', '--unset-all', key]),
  });
}

async function runGit(
  { host, log }: ThirdPartyCall,
  folder: string,
  header: string,
  args: readonly string[],
): Promise<void> {
  const { code } = await runProcess({
    program: 'git',
    args: [
      '-c',
      `http.${host.forge.url}/.extraheader=${header}`,
      '-c',
      'protocol.version=2',
      ...args,
    ],
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: host.folders.home, GIT_TERMINAL_PROMPT: '0' },
    timeoutMs: host.deadline - Date.now(),
    signal: host.signal,
    onText: log,
  });
  if (code !== 0) throw new Error(`The process 'git' failed with exit code ${code}`);
}

async function linkPackages(folder: string, nodeModules: string): Promise<void> {
  if (!existsSync(join(folder, 'package.json'))) return;
  symlinkSync(nodeModules, join(folder, 'node_modules'));
  await appendFile(join(folder, '.git/info/exclude'), 'node_modules\n');
}
