import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOciRemote } from '../../../platform/storage/remotes/oci-remote.ts';
import { git } from './git.ts';
import { registryServer, startRegistry } from './registry.ts';
import { issueToken, jobToken, startGitHub, userToken } from './start-github.ts';
import type { Permissions, Token } from './state.ts';

const key = `objects/${'ab'.repeat(32)}`;
const denied = /gives these credentials no token/;

describe.skipIf(!registryServer)('the registry of the simulated GitHub', () => {
  test('reads and writes as the job’s permission "packages" says', async () => {
    const { storeAs, file, forge } = await bench();
    const writer = storeAs(jobToken(forge, { packages: 'write' }));
    await writer.upload(key, file);
    expect(await writer.list('objects/')).toEqual([key]);
    const reader = storeAs(jobToken(forge, { packages: 'read' }));
    await reader.download(key, `${file}.copy`);
    await expect(reader.upload(key, file)).rejects.toThrow(denied);
    const other = storeAs(jobToken(forge, { contents: 'write' }));
    await expect(other.download(key, `${file}.copy`)).rejects.toThrow(denied);
    // Whether nothing is there or nothing may be seen is the same answer.
    expect(await other.list('objects/')).toEqual([]);
  });

  test('the first push makes the package, which a job’s links to its repository', async () => {
    const { storeAs, file, forge } = await bench();
    expect(await storeAs(jobToken(forge, { packages: 'read' })).list('objects/')).toEqual([]);
    expect(forge.packages.size).toBe(0);
    await storeAs(jobToken(forge, { packages: 'write' })).upload(key, file);
    expect([...forge.packages.values()]).toEqual([{ name: store, repository: 'jen/farm' }]);
    expect(forge.timeline.at(-1)?.text).toContain('makes the package jen/farm/store, linked to');
  });

  test('a package that a person pushed is linked to no repository, and jobs are denied', async () => {
    const { storeAs, file, forge } = await bench();
    await storeAs(userToken(forge, 'jen')).upload(key, file);
    const job = storeAs(jobToken(forge, { packages: 'write' }));
    await expect(job.upload(key, file)).rejects.toThrow(denied);
  });

  test('neither another person nor a fork’s job nor an ended job pushes', async () => {
    const { storeAs, file, forge } = await bench();
    const ended = jobToken(forge, { packages: 'write' });
    forge.tokens.delete(ended.value);
    const forks: Token = issueToken(forge, jobOf('stranger/farm', { packages: 'write' }));
    for (const token of [ended, forks, userToken(forge, 'stranger')]) {
      await expect(storeAs(token).upload(key, file)).rejects.toThrow(denied);
    }
    expect(forge.packages.size).toBe(0);
  });

  test('a visitor gets a challenge, nobody deletes, and there is no list of referrers', async () => {
    const { storeAs, file, forge, host } = await bench();
    const writer = storeAs(jobToken(forge, { packages: 'write' }));
    await writer.upload(key, file);
    await expect(writer.remove(key)).rejects.toThrow(/does not allow deleting/);
    const visited = await fetch(`http://${host}/v2/${store}/tags/list`);
    expect(visited.status).toBe(401);
    expect(visited.headers.get('www-authenticate')).toBe(
      `Bearer realm="http://${host}/token",service="ghcr.io",scope="repository:${store}:pull"`,
    );
    const scope = encodeURIComponent(`repository:${store}:pull`);
    expect((await fetch(`http://${host}/token?scope=${scope}`)).status).toBe(403);
  });
});

const store = 'jen/farm/store';

function jobOf(repository: string, permissions: Permissions): Omit<Token, 'value'> {
  return { kind: 'job', login: 'github-actions[bot]', permissions, repository };
}

async function bench() {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-registry-'));
  const repository = join(folder, 'farm.git');
  git(folder, ['init', '--quiet', '--bare', repository]);
  const github = await startGitHub({ repository, folder });
  const { forge } = github;
  const { host, close } = await startRegistry(forge);
  onTestFinished(async () => {
    await Promise.all([close(), github.close()]);
    await rm(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'file');
  await writeFile(file, 'gourds');
  const storeAs = ({ value }: Token) => {
    const environment = { MAINSTEM_REGISTRY: host, GITHUB_TOKEN: value, HOME: folder };
    return createOciRemote(`oci://${host}/${store}`, { environment, folder });
  };
  return { forge, host, file, storeAs };
}
