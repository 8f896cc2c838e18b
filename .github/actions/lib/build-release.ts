import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openTransfer } from '../../../pipeline/operations/transfer.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { exists } from '../../../platform/lib/files.ts';
import { git } from '../../../platform/lib/git.ts';
import { type Digest, digestFile, hexOf } from '../../../platform/lib/hash.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { loadPromoted, promotedModels, trialChannels } from '../../../platform/registry/index.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { openStore, pull, type References } from '../../../platform/storage/index.ts';

const run = promisify(execFile);

/** What a release is made from. */
export interface ReleaseSource {
  /** The checkout; its commit is what is released. */
  readonly workspace: Workspace;
  readonly commit: string;
  /** Remote with the models; '' for the configured one. */
  readonly remote: string;
  /** Folder of all releases. */
  readonly shared: string;
  /** Also installs the server's packages and keeps the pinned Node, for a server without a container. */
  readonly runnable: boolean;
}

/**
 * Fills a release: the committed files, the promoted networks in the store that all releases share, and the folder of
 * features, which snapshots come to whatever release serves. Neither data sets nor what only training needs comes to a
 * serving host.
 *
 * @throws MainstemError REMOTE_*, DEPLOY_NETWORK_MISSING, DEPLOY_INSTALL_FAILED
 */
export async function buildRelease(folder: string, source: ReleaseSource): Promise<void> {
  const { workspace, commit, shared } = source;
  const archive = `${folder}.tar`;
  await git(
    workspace.root,
    'archive',
    '--format=tar',
    `--output=${archive}`,
    '--end-of-options',
    commit,
  );
  await run('tar', ['-xf', archive, '-C', folder]);
  await rm(archive);
  await pullNetworks(folder, source);
  await mkdir(join(folder, '.mainstem'), { recursive: true });
  await symlink('../../store', join(folder, '.mainstem/store'));
  await makeFolder(join(shared, 'features'));
  await symlink('../../features', join(folder, '.mainstem/features'));
  if (!source.runnable) return;
  await symlink(join('..', await installPackages(folder, shared)), join(folder, 'node_modules'));
  await symlink(join('..', await keepNode(shared)), join(folder, '.node'));
}

async function pullNetworks(folder: string, source: ReleaseSource): Promise<void> {
  const { workspace, remote, shared } = source;
  const store = openStore(workspace.root, join(shared, 'store'));
  const references = await networksOf(folder);
  const digests = [...references.blobs.keys()];
  const here = await Promise.all(digests.map((digest) => store.has(digest)));
  if (here.every(Boolean)) return;
  const transfer = await openTransfer({ workspace, store }, remote);
  const { missing } = await pull(transfer, async () => references);
  for (const { digest, by } of missing) {
    const { address } = transfer.remote;
    throw new MainstemError('DEPLOY_NETWORK_MISSING', { address, digest, model: by });
  }
}

/** What the server loads: the ONNX file of each model in production, and of what is tried beside it. */
async function networksOf(root: string): Promise<References> {
  const blobs = new Map<Digest, string>();
  for (const name of await promotedModels(root)) {
    for (const channel of ['production', ...trialChannels] as const) {
      const promoted = await loadPromoted(root, name, channel);
      if (promoted) blobs.set(promoted.record.package.onnx.digest, `${name} in ${channel}`);
    }
  }
  return { blobs, records: new Map() };
}

/** Installed once for each lockfile. @returns path relative to the shared folder */
async function installPackages(folder: string, shared: string): Promise<string> {
  const lock = hexOf(await digestFile(join(folder, 'package-lock.json'))).slice(0, 16);
  const home = join(shared, 'packages', lock);
  const path = join('packages', lock, 'node_modules');
  if (await exists(join(shared, path))) return path;
  const unfinished = `${home}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc', 'serving/package.json']) {
    await cp(join(folder, file), join(unfinished, file));
  }
  const args = ['ci', '--workspace', 'serving', '--omit=dev', '--ignore-scripts', '--no-audit'];
  const options = { cwd: unfinished, shell: process.platform === 'win32' };
  await run('npm', args, options).catch((cause: Error & { stderr?: string }) => {
    const reason = (cause.stderr || cause.message).trim().slice(-500);
    throw new MainstemError('DEPLOY_INSTALL_FAILED', { reason }, { cause });
  });
  await rename(unfinished, home);
  return path;
}

/** Copies the Node that runs this, which is the pinned one, out of the checkout. */
async function keepNode(shared: string): Promise<string> {
  const path = join('node', process.versions.node);
  const binary = join(shared, path, 'node');
  if (await exists(binary)) return path;
  await mkdir(dirname(binary), { recursive: true });
  await copyFile(process.execPath, `${binary}.unfinished`);
  await chmod(`${binary}.unfinished`, 0o755);
  await rename(`${binary}.unfinished`, binary);
  return path;
}
