import { realpathSync } from 'node:fs';
import { basename, dirname, join, parse, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MainstemError } from '../../lib/errors.ts';
import { readFile } from '../../lib/read-text.ts';
import type { Reporter } from '../../lib/reporter.ts';
import { tellWaiting } from '../../lib/silence.ts';
import { createFolderRemote } from './folder-remote.ts';
import { hidePassword } from './hide-password.ts';
import { patience } from './http/fetch-again.ts';
import { forgeRegistry } from './oci/forge-registry.ts';
import { type Remote, unknownRemote } from './remote.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a remote's address can come from, in order of precedence. */
export interface RemoteSources {
  /** `--remote`. */
  readonly option?: string | undefined;
  readonly environment: Environment;
  /** Hears whom a transfer waits for. */
  readonly reporter?: Pick<Reporter, 'info'> | undefined;
}

/**
 * Opens the remote that the option, MAINSTEM_REMOTE or package.json names. In a job on GitHub that has none of them it is
 * the repository's own package in the forge's registry, ghcr.io.
 *
 * @throws MainstemError REMOTE_UNSET, REMOTE_UNKNOWN
 */
export async function openRemote(root: string, sources: RemoteSources): Promise<Remote> {
  const { environment, reporter } = sources;
  const limits = { ...patience, ...(reporter ? { say: tellWaiting(reporter) } : {}) };
  const address = await findRemoteAddress(root, sources);
  const folder = join(root, '.mainstem', 'store', 'remotes', 'partial');
  // Loaded only where they are used: the S3 client alone takes longer to load than most commands to run.
  if (address.startsWith('oci://')) {
    const { createOciRemote } = await import('./oci-remote.ts');
    return createOciRemote(address, { environment, folder, limits });
  }
  if (address.startsWith('s3://')) {
    const { createS3Remote } = await import('./s3-remote.ts');
    return createS3Remote(address, { environment, folder, limits });
  }
  if (address.startsWith('file://')) return openFolder(root, address, pathOfUrl(address));
  if (/^[a-z0-9+.-]+:\/\//i.test(address)) {
    const shown = hidePassword(address);
    throw new MainstemError('REMOTE_UNKNOWN', { address: shown, reason: 'is of an unknown kind' });
  }
  return openFolder(root, address, resolve(root, address));
}

/** The address of the remote that {@link openRemote} opens. @throws MainstemError REMOTE_UNSET */
export async function findRemoteAddress(
  root: string,
  { option, environment }: RemoteSources,
): Promise<string> {
  const address =
    option ||
    environment.MAINSTEM_REMOTE ||
    (await configuredRemote(root)) ||
    remoteOfForge(environment);
  if (!address) throw new MainstemError('REMOTE_UNSET');
  return address;
}

function pathOfUrl(address: string): string {
  // Of `#` and `?` in a name nothing would be left, and another folder would get the data.
  if (/[?#]/.test(address)) {
    const reason =
      'has a ? or # after the path: in an address write %3F and %23, or give the folder';
    throw new MainstemError('REMOTE_UNKNOWN', { address, reason });
  }
  try {
    return fileURLToPath(address);
  } catch (cause) {
    throw unknownRemote(address, 'file:///<folder>', cause);
  }
}

/** @throws MainstemError REMOTE_UNKNOWN for a folder that nobody can mean */
function openFolder(root: string, address: string, folder: string): Remote {
  const reason = flawOf(root, address, folder);
  if (reason === null) return createFolderRemote(folder);
  throw new MainstemError('REMOTE_UNKNOWN', { address, reason });
}

function flawOf(root: string, address: string, folder: string): string | null {
  // `file://` is what a script makes of a variable that is not set.
  if (folder === parse(folder).root) return 'is the whole file system, not a folder of its own';
  if (address.startsWith('-')) return `begins with a dash, like an option: write ./${address}`;
  if (/^(?:file:\/\/\/?)?~/.test(address)) {
    return 'begins with ~, which only a shell replaces by your home folder: write the folder, or ./~ if you mean that name';
  }
  const [first] = relative(realPath(root), realPath(folder)).split(sep);
  if (first === '') return 'is this repository itself, not a folder of its own';
  if (first === '.mainstem' || first === '.git')
    return `is in ${first} of this repository, not a folder elsewhere`;
  return null;
}

/** The path without links, of as much of it as is there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

/**
 * The store that the forge itself offers to a job; undefined on a laptop.
 *
 * @example remoteOfForge({ GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'Jen/Pumpkins' })
 * // 'oci://ghcr.io/jen/pumpkins/store'
 */
export function remoteOfForge(environment: Environment): string | undefined {
  const { GITHUB_ACTIONS, GITHUB_REPOSITORY } = environment;
  const registry = forgeRegistry(environment);
  if (GITHUB_ACTIONS !== 'true' || !GITHUB_REPOSITORY || !registry) return undefined;
  return `oci://${registry}/${GITHUB_REPOSITORY.toLowerCase()}/store`;
}

async function configuredRemote(root: string): Promise<string | undefined> {
  const manifest: { mainstem?: { remote?: unknown } } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}'),
  );
  const remote = manifest.mainstem?.remote;
  return typeof remote === 'string' ? remote : undefined;
}
