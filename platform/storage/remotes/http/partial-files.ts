import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A file in the folder for what arrives under a name. If a process that was killed left one for the same name, it
 * is taken over with what has arrived so far. `fsck` removes files that nobody took over within an hour.
 *
 * @param name of the content: equal names have equal content.
 */
export async function claimPartialFile(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const stem = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const own = join(folder, `${stem}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  for (const file of await readdir(folder)) {
    const owner = /^([0-9a-f]{32})\.(\d+)-[0-9a-f]{8}\.tmp$/.exec(file);
    if (owner?.[1] !== stem || isRunning(Number(owner[2]))) continue;
    // Another process may be faster; then it is gone.
    const claimed = await rename(join(folder, file), own).then(
      () => true,
      () => false,
    );
    if (claimed) break;
  }
  return own;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
