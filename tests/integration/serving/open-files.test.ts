import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { assertOpenFiles, readOpenFiles } from '../../../serving/assert-open-files.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
} from '../../helpers/model-repository.ts';

const server = join(import.meta.dirname, '../../../serving/server.ts');
let repository: ModelRepository;
beforeAll(async () => {
  repository = await createModelRepository(gourds);
});
afterAll(() => repository.remove());

/** Starts a server that may have so many files open. */
function launch(files: number) {
  const command = `ulimit -n ${files} && exec "$0" "$1" --root "$2" --port 0`;
  const child = spawn('sh', ['-c', command, process.execPath, server, repository.root], {
    env: { ...process.env, MAINSTEM_WORKERS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  return child;
}

describe.skipIf(process.platform === 'win32')('with few files', () => {
  test('a server says at the start how many it needs, and leaves no core', async () => {
    const child = launch(71);
    const said = text(child.stderr);
    const [code] = await once(child, 'exit');
    expect(await said).toMatch(/^LIMIT_REACHED .*needs 72 open files, and may have 71 /);
    expect(code).toBe(3);
  });

  test('a server starts with as many as it says that it needs', async () => {
    const child = launch(72);
    let said = '';
    for await (const data of child.stdout) {
      said += String(data);
      if (said.includes('Serving at')) break;
    }
    expect(said).toContain('Serving at');
  });
});

test('each thread needs some more', () => {
  expect(() => assertOpenFiles(1, 72)).not.toThrow();
  expect(() => assertOpenFiles(16, 191)).toThrow(
    expect.objectContaining({ code: 'LIMIT_REACHED', exitCode: 3 }),
  );
  expect(() => assertOpenFiles(16, 192)).not.toThrow();
  expect(() => assertOpenFiles(64, Number.POSITIVE_INFINITY)).not.toThrow();
});

test('the limit of this process is found', () => {
  expect(readOpenFiles()).toBeGreaterThan(0);
});
