import { spawn } from 'node:child_process';
import { MainstemError } from '../../../platform/lib/errors.ts';

/** How a release comes to run. */
export interface DeployTarget {
  /** Shell command, run in the release's folder; '' where a supervisor follows the link `current`. */
  readonly command: string;
  /** The release also needs packages and Node. */
  readonly runnable: boolean;
}

/** Every target by name, with the folder of the repository that belongs to it. */
const targets = {
  /** infra/process: plain Node under a supervisor. */
  process: () => ({ command: '', runnable: true }),
  /** infra/compose. */
  compose: () => ({
    command: 'docker compose -f infra/compose/compose.yaml up --detach --build --wait',
    runnable: false,
  }),
  /** infra/kubernetes, or what `command` rolls out instead; the cluster mounts the releases' folder. */
  kubernetes: (command: string) => ({
    command: command || 'sh infra/kubernetes/apply.sh',
    runnable: true,
  }),
  /** Anything else, for example `docker push` and a call of the platform that runs the image. */
  command: (command: string) => ({ command, runnable: false }),
} as const satisfies Record<string, (command: string) => DeployTarget>;

/** The target with this name. @param command for `command` and `kubernetes` @throws MainstemError INPUT_INVALID */
export function chooseTarget(name: string, command: string): DeployTarget {
  const choice = Object.entries(targets).find(([known]) => known === name)?.[1];
  if (!choice) {
    const known = Object.keys(targets).join(', ');
    throw new MainstemError('INPUT_INVALID', {
      ...{ input: 'target', value: JSON.stringify(name), allowed: `one of ${known}` },
    });
  }
  if (name === 'command' && command === '') {
    const allowed = 'what rolls out a release, since the target is "command"';
    throw new MainstemError('INPUT_INVALID', { input: 'command', value: 'empty', allowed });
  }
  return choice(command);
}

/**
 * Runs the target's command in a release.
 *
 * @throws MainstemError DEPLOY_FAILED
 */
export async function rollOut(
  { command }: DeployTarget,
  folder: string,
  commit: string,
): Promise<void> {
  if (command === '') return;
  const env = { ...process.env, MAINSTEM_RELEASE: commit };
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  const child = spawn(command, { cwd: folder, shell: true, env, stdio: [...stdio] });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  if (code !== 0) throw new MainstemError('DEPLOY_FAILED', { command, exit: code });
}
