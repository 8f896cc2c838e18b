import { readFile } from 'node:fs/promises';
import { join, parse, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MainstemError } from '../../lib/errors.ts';
import { createFolderRemote } from './folder-remote.ts';
import { forgeRegistry } from './oci/forge-registry.ts';
import { type Remote, unknownRemote } from './remote.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a remote's address can come from, in order of precedence. */
export interface RemoteSources {
  /** `--remote`. */
  readonly option?: string | undefined;
  readonly environment: Environment;
}

/**
 * Opens the remote that the option, MAINSTEM_REMOTE or package.json names. In a job on GitHub that has none of them it is
 * the repository's own package in the forge's registry, ghcr.io.
 *
 * @throws MainstemError REMOTE_UNSET, REMOTE_UNKNOWN
 */
export async function openRemote(root: string, sources: RemoteSources): Promise<Remote> {
  const { option, environment } = sources;
  const address =
    option ||
    environment.MAINSTEM_REMOTE ||
    (await configuredRemote(root)) ||
    remoteOfForge(environment);
  if (!address) throw new MainstemError('REMOTE_UNSET');
  const folder = join(root, '.mainstem', 'store', 'remotes', 'partial');
  // Loaded only where they are used: the S3 client alone takes longer to load than most commands to run.
  if (address.startsWith('oci://')) {
    const { createOciRemote } = await import('./oci-remote.ts');
    return createOciRemote(address, { environment, folder });
  }
  if (address.startsWith('s3://')) {
    const { createS3Remote } = await import('./s3-remote.ts');
    return createS3Remote(address, { environment, folder });
  }
  if (address.startsWith('file://')) return openFolder(root, address, pathOfUrl(address));
  if (/^[a-z0-9+.-]+:\/\//i.test(address)) {
    throw new MainstemError('REMOTE_UNKNOWN', { address, reason: 'is of an unknown kind' });
  }
  if (/^~[^/\\]*([/\\]|$)/.test(address)) {
    const reason = 'begins with ~, which only a shell replaces: write the whole path';
    throw new MainstemError('REMOTE_UNKNOWN', { address, reason });
  }
  return openFolder(root, address, resolve(root, address));
}

function pathOfUrl(address: string): string {
  try {
    return fileURLToPath(address);
  } catch (cause) {
    throw unknownRemote(address, 'file:///<folder>', cause);
  }
}

/** The root of a file system is never meant: `file://` is what a script makes of a variable that is not set. */
function openFolder(root: string, address: string, folder: string): Remote {
  const reason = whyNoFolder(root, folder);
  if (reason === null) return createFolderRemote(folder);
  throw new MainstemError('REMOTE_UNKNOWN', { address, reason });
}

function whyNoFolder(root: string, folder: string): string | null {
  if (folder === parse(folder).root) return 'is the whole file system, not a folder of its own';
  if (folder === resolve(root)) return 'is the repository itself, not a folder of its own';
  const store = resolve(root, '.mainstem', 'store');
  if (folder !== store && !folder.startsWith(`${store}${sep}`)) return null;
  return 'is the store of this repository, which would hold everything twice';
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
