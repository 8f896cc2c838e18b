import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, vi } from 'vitest';
import { openKubectl } from '../../../../pipeline/operations/cluster/kubectl.ts';
import { test } from '../../../helpers/folder.ts';

afterEach(() => vi.unstubAllEnvs());

async function kubectlThat(folder: string, script: string) {
  await writeFile(join(folder, 'kubectl'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'kubectl'), 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  return openKubectl(new AbortController().signal);
}

describe.skipIf(process.platform === 'win32')('a kubectl', () => {
  test.for([
    ['words', 'echo garbage'],
    ['nothing', 'true'],
    ['an object', 'echo "{}"'],
    ['no object', 'echo null'],
    ['a list of something else', `echo '{"items":[{"kind":"Job","metadata":{}}]}'`],
    ['a page', 'echo "<html>Log in</html>"'],
  ] as const)(
    'that answers with %s is said to have failed, with its words',
    async ([_what, script], { folder }) => {
      const kubectl = await kubectlThat(folder, script);
      const refused = { code: 'KUBECTL_FAILED', message: expect.stringContaining('it answered') };
      await expect(kubectl.look('a=b')).rejects.toMatchObject(refused);
      await expect(kubectl.create({})).rejects.toMatchObject(refused);
    },
  );

  test('that says what it does without an end is ended', async ({ folder }) => {
    const kubectl = await kubectlThat(folder, 'exec yes');
    await expect(kubectl.look('a=b')).rejects.toMatchObject({
      code: 'KUBECTL_FAILED',
      message: expect.stringContaining('without an end'),
    });
  });

  test('that made a Job has said its name', async ({ folder }) => {
    const kubectl = await kubectlThat(folder, 'echo job.batch/mainstem-a');
    expect(await kubectl.create({})).toBe(true);
  });
});
