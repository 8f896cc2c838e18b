import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MainstemError } from '../../lib/errors.ts';
import { createFolderRemote } from './folder-remote.ts';
import type { Remote } from './remote.ts';

/** Where a remote's address can come from, in order of precedence. */
export interface RemoteSources {
  /** `--remote`. */
  readonly option?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens the remote that the option, MAINSTEM_REMOTE or package.json names.
 *
 * @throws MainstemError REMOTE_UNSET, REMOTE_UNKNOWN
 */
export async function openRemote(root: string, sources: RemoteSources): Promise<Remote> {
  const address =
    sources.option ?? sources.environment.MAINSTEM_REMOTE ?? (await configuredRemote(root));
  if (!address) throw new MainstemError('REMOTE_UNSET');
  if (address.startsWith('file://')) return createFolderRemote(fileURLToPath(address));
  if (/^[a-z0-9+.-]+:\/\//i.test(address)) throw new MainstemError('REMOTE_UNKNOWN', { address });
  return createFolderRemote(resolve(root, address));
}

async function configuredRemote(root: string): Promise<string | undefined> {
  const manifest: { mainstem?: { remote?: unknown } } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}'),
  );
  const remote = manifest.mainstem?.remote;
  return typeof remote === 'string' ? remote : undefined;
}
