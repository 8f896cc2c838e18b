import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import { test } from '../../helpers/folder.ts';
import { pythonPrograms } from '../../helpers/tools.ts';
import { git } from '../github/git.ts';
import {
  parameters,
  parametersFile,
  project,
  templateRepository,
} from '../stories/template-repository.ts';

const packages = join(import.meta.dirname, '../../../node_modules');

interface Played {
  /** Whether the whole run succeeded. */
  readonly passed: boolean;
  readonly log: string;
  /** Folder of what the run uploaded. */
  readonly artifacts: string;
}

/** Plays a workflow for a pull request that changes files, on this machine, without Docker or network. */
async function play(folder: string, workflow: string, changed: Readonly<Record<string, string>>) {
  const template = await templateRepository();
  const repository = join(folder, 'farm');
  git(folder, ['clone', '--quiet', template.folder, repository]);
  for (const [path, text] of Object.entries(changed)) writeFileSync(join(repository, path), text);
  git(repository, ['commit', '--quiet', '--all', '-m', 'Change something']);
  // Names the repository; nothing is fetched from there.
  git(repository, ['remote', 'set-url', 'origin', 'https://github.com/jen/farm']);
  const artifacts = join(folder, 'artifacts');
  mkdirSync(artifacts);
  const path = join('.github/workflows', workflow);
  const args = [
    ...['pull_request', '--directory', repository, '--workflows', path],
    ...['--eventpath', writeEvent(folder, git(repository, ['rev-parse', 'HEAD']))],
    ...['--platform', 'ubuntu-latest=-self-hosted', '--action-offline-mode', '--no-skip-checkout'],
    ...['--no-cache-server', '--var', `MAINSTEM_REMOTE=${template.remote}`],
    ...standIns(readFileSync(join(repository, path), 'utf8')),
    ...[`ORIGIN=${repository}`, `PACKAGES=${packages}`, `NODE=${dirname(process.execPath)}`]
      .concat(`ARTIFACTS=${artifacts}`)
      .flatMap((value) => ['--env', `STAND_IN_${value}`]),
  ];
  return { ...(await runAct(folder, args)), artifacts };
}

/** The actions of other repositories that a workflow uses, as folders that do the same here. */
function standIns(workflow: string): string[] {
  const used = new Set(workflow.match(/(?<=uses: )actions\/\S+@\S+/g));
  return [...used].flatMap((action) => {
    const name = /^actions\/([^@]+)/.exec(action)?.[1] ?? '';
    return ['--local-repository', `${action}=${join(import.meta.dirname, 'actions', name)}`];
  });
}

function writeEvent(folder: string, sha: string): string {
  const path = join(folder, 'event.json');
  const pull = { number: 7, head: { sha, ref: 'idea' }, base: { sha, ref: 'main' } };
  const repository = { full_name: 'jen/farm', default_branch: 'main' };
  writeFileSync(
    path,
    JSON.stringify({ action: 'opened', number: 7, pull_request: pull, repository }),
  );
  return path;
}

function runAct(home: string, args: readonly string[]): Promise<Omit<Played, 'artifacts'>> {
  const env = { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
  return new Promise((resolve) => {
    const options = { env, maxBuffer: 2 ** 28, timeout: 300_000 };
    execFile(pythonPrograms.act, args, options, (error, stdout, stderr) =>
      resolve({ passed: error === null, log: stdout + stderr }),
    );
  });
}

describe.skipIf(!existsSync(pythonPrograms.act))('on act, a runner that is not ours', () => {
  test('an experiment plans, validates and trains, and leaves what the judge expects', async ({
    folder,
  }) => {
    const changed = { [parametersFile]: parameters({ learningRate: 0.02 }) };
    const { passed, log, artifacts } = await play(folder, 'experiment.yml', changed);
    expect(passed, log).toBe(true);
    expect((await readdir(artifacts)).sort()).toEqual([
      `experiment-${project}-1`,
      'experiment-plan-1',
    ]);
    const plan = readFileSync(join(artifacts, 'experiment-plan-1/plan.json'), 'utf8');
    expect(JSON.parse(plan)).toMatchObject({ affected: [project] });
    const candidate = join(artifacts, `experiment-${project}-1`, 'candidate.json');
    expect(readFileSync(candidate, 'utf8')).toContain(`"model": "${project}"`);
  });

  test('ci-ok passes when the tests pass', async ({ folder }) => {
    const changed = { '.ci/run': 'echo "2 passed, 0 failed"\n' };
    const { passed, log } = await play(folder, 'check.yml', changed);
    expect(passed, log).toBe(true);
    expect(log).toContain('2 passed, 0 failed');
  });

  test('ci-ok runs and fails when the tests fail', async ({ folder }) => {
    const { passed, log } = await play(folder, 'check.yml', { '.ci/run': 'exit 1\n' });
    expect(passed).toBe(false);
    expect(log).toContain('test ended as failure');
  });
});
