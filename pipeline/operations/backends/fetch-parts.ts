import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { digestFile } from '../../../platform/lib/hash.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import { writeFile } from '../../../platform/lib/write-file.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import type { Tools } from './assert-installable.ts';
import type { NodePackage, Wheel } from './parts.ts';
import { runToEnd } from './run-tool.ts';
import { watchFolder } from './watch-folder.ts';

/** An installation in progress. */
export interface Installation extends Pick<Workspace, 'reporter' | 'signal'> {
  readonly name: string;
  /** Where the parts are put together. */
  readonly folder: string;
  /** For what is deleted again. */
  readonly scratch: string;
  readonly tools: Tools;
  readonly environment: NodeJS.ProcessEnv;
}

/** Wheels are named after the oldest Linux that they run on. */
const linuxes = ['2_27', '2_17', '2_12'].map((version) => `manylinux_${version}_x86_64`);
const olderNames = ['manylinux2014_x86_64', 'manylinux2010_x86_64'];
const platforms = [...linuxes, ...olderNames].flatMap((name) => ['--platform', name]);

/**
 * Downloads a wheel by pip, which knows the user's proxies and mirrors, verifies its bytes, unpacks what is wanted
 * and deletes it.
 *
 * @throws MainstemError BACKEND_INSTALL_FAILED
 */
export async function addWheel(installation: Installation, wheel: Wheel): Promise<void> {
  const { name, folder, scratch, tools, environment, reporter, signal } = installation;
  const called = `${wheel.name} ${wheel.version}`;
  const downloads = join(scratch, wheel.name);
  await makeFolder(downloads);
  const wanted = join(downloads, 'requirements.txt');
  await writeFile(wanted, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  reporter.info(`Downloading ${called} (${renderBytes(wheel.bytes)}) …`);
  const watch = watchFolder(scratch, wheel.bytes, { label: called, reporter, signal });
  try {
    await runToEnd(name, `The download of ${called}`, {
      program: tools.python,
      args: ['-m', 'pip', 'download', ...pipOptions, '-r', wanted, '-d', downloads],
      cwd: scratch,
      environment: { ...environment, TMPDIR: scratch },
      signal: watch.signal,
    });
  } catch (error) {
    if (watch.tooMuch === null) throw error;
    const reason = `The download of ${called} ${watch.tooMuch}`;
    throw new MainstemError('BACKEND_INSTALL_FAILED', { name, reason }, { cause: error });
  } finally {
    watch.end();
  }
  const file = (await readdir(downloads)).find((each) => each.endsWith('.whl')) ?? 'no wheel';
  await assertDigest(name, join(downloads, file), wheel);
  await unpackWheel(installation, join(downloads, file), wheel, folder);
  await rm(downloads, { recursive: true });
}

const pipOptions = [
  ...['--quiet', '--progress-bar', 'off', '--disable-pip-version-check', '--no-input'],
  // The pip of a user who keeps 600 MB files of a program that is installed once has no use for them.
  ...['--no-cache-dir', '--no-deps', '--only-binary=:all:', '--require-hashes'],
  ...['--timeout', '30', '--retries', '3'],
  ...['--implementation', 'cp', '--python-version', '3.11', ...platforms],
];

async function assertDigest(name: string, path: string, wheel: Wheel): Promise<void> {
  const found = await digestFile(path);
  if (found === `sha256:${wheel.sha256}`) return;
  const reason = `${wheel.name} ${wheel.version} has other bytes than the pinned ones: ${found}`;
  throw new MainstemError('BACKEND_INSTALL_FAILED', { name, reason });
}

/** Python's own modules are there wherever pip is. */
const unpacking = `
import re, sys, zipfile
path, folder, members = sys.argv[1:]
archive = zipfile.ZipFile(path)
wanted = [name for name in archive.namelist() if re.fullmatch(members, name) and not name.endswith('/')]
archive.extractall(folder, wanted)
print(len(wanted))
`;

import { readFile } from '../../../platform/lib/read-text.ts';

async function unpackWheel(
  { name, tools, environment, scratch, signal }: Installation,
  path: string,
  wheel: Wheel,
  folder: string,
): Promise<void> {
  const { stdout } = await runToEnd(name, `Unpacking ${wheel.name}`, {
    program: tools.python,
    args: ['-I', '-c', unpacking, path, folder, wheel.members],
    ...{ cwd: scratch, environment, signal },
  });
  if (Number(stdout) > 0) return;
  const reason = `${wheel.name} ${wheel.version} has none of the files that are wanted`;
  throw new MainstemError('BACKEND_INSTALL_FAILED', { name, reason });
}

/**
 * Downloads a package by npm, without running its scripts, verifies its bytes and unpacks it.
 *
 * @throws MainstemError BACKEND_INSTALL_FAILED
 */
export async function addPackage(installation: Installation, wanted: NodePackage): Promise<void> {
  const { name, folder, scratch, tools, environment, reporter, signal } = installation;
  const called = `${wanted.name}@${wanted.version}`;
  const downloads = join(scratch, wanted.folder);
  await makeFolder(downloads);
  reporter.info(`Downloading ${called} …`);
  const place = { cwd: scratch, environment, signal };
  await runToEnd(name, `The download of ${called}`, {
    program: tools.npm,
    args: ['pack', called, '--pack-destination', downloads, '--ignore-scripts', '--loglevel=error'],
    ...place,
  });
  const file = (await readdir(downloads)).find((each) => each.endsWith('.tgz')) ?? 'no archive';
  const path = join(downloads, file);
  const found = `sha512-${createHash('sha512')
    .update(await readFile(path))
    .digest('base64')}`;
  if (found !== wanted.integrity) {
    const reason = `${called} has other bytes than the pinned ones: ${found}`;
    throw new MainstemError('BACKEND_INSTALL_FAILED', { name, reason });
  }
  const target = join(folder, wanted.folder);
  await makeFolder(target);
  await runToEnd(name, `Unpacking ${called}`, {
    program: tools.tar,
    args: ['-xzf', path, '-C', target, '--strip-components', '1', '--no-same-owner'],
    ...place,
  });
  await rm(downloads, { recursive: true });
}
