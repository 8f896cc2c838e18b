import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { test } from '../../../helpers/repository.ts';

const module = join(import.meta.dirname, '../../../../platform/lib/add-working-tree.ts');
const script = `
  const { addWorkingTree } = await import(process.argv[1]);
  const [, , root, tree] = process.argv;
  await addWorkingTree(root, tree, 'HEAD').then(
    () => console.log('{}'),
    ({ code, message }) => console.log(JSON.stringify({ code, message })),
  );`;

/** Runs the script while 64 KiB of file system are at a folder; null where none may be mounted. */
function runWithSmall(folder: string, root: string, tree: string): Promise<string | null> {
  const mounted =
    'mount -t tmpfs -o size=64k none "$1" && shift && mkdir "$1" && shift && exec "$@"';
  const program = [process.execPath, '--input-type=module', '-e', script, module, root, tree];
  const args = ['-rm', 'bash', '-c', mounted, 'bash', folder, tree, ...program];
  const env = { ...process.env, TMPDIR: folder };
  return new Promise((done) => {
    execFile('unshare', args, { env }, (error, stdout) => done(error ? null : stdout));
  });
}

describe('a folder for temporary files that is full', () => {
  test('is named, and not the disk of .git', async ({ repository, folder, skip }) => {
    await repository.write({ 'large.txt': 'a large pumpkin\n'.repeat(20_000) });
    await repository.commit('Start');
    const small = join(folder, 'small');
    await mkdir(small);
    const said = await runWithSmall(small, repository.root, join(small, 'tree'));
    if (said === null) return skip();
    expect(JSON.parse(said)).toEqual({
      code: 'DISK_FULL',
      message: expect.stringContaining(`Cannot write ${small} (TMPDIR can name another folder`),
    });
  });
});
