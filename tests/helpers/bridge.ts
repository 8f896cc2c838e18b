import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bridge, buildBridge } from '../../monitoring/bridge/app.ts';
import type { BridgeConfig } from '../../monitoring/bridge/config.ts';
import { git } from '../../platform/lib/git.ts';
import { git as forgeGit } from '../simulate/github/git.ts';
import { type GitHub, issueToken, startGitHub } from '../simulate/github/start-github.ts';
import type { Trigger } from '../simulate/github/state.ts';

/** What Alertmanager shows. */
export const secret = 'a secret of more than thirty-two characters';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** An app of which everybody may know the key. */
export const app = {
  clientId: 'Iv23liTest',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  slug: 'mainstem-bridge',
  permissions: { contents: 'write', metadata: 'read' },
} as const;

/** The stand-in of GitHub with an empty repository, and what was dispatched there. */
export interface DispatchedGitHub extends GitHub {
  /** A token that may write the repository's contents. */
  readonly token: string;
  readonly dispatched: Trigger[];
}

/** Starts the stand-in with the app installed. */
export async function startDispatchedGitHub(folder: string): Promise<DispatchedGitHub> {
  const repository = join(folder, 'farm.git');
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', repository);
  const jen = ['-c', 'user.name=Jen', '-c', 'user.email=jen@farm.example'];
  const tree = await git(repository, 'hash-object', '-w', '-t', 'tree', '/dev/null');
  const commit = await git(repository, ...jen, 'commit-tree', tree, '-m', 'Start');
  await git(repository, 'update-ref', 'refs/heads/main', commit);
  const github = await startGitHub({ repository, folder, settings: { app } });
  const dispatched: Trigger[] = [];
  github.forge.listeners.push((trigger) => dispatched.push(trigger));
  const permissions = { contents: 'write' } as const;
  const { value } = issueToken(github.forge, {
    ...{ kind: 'user', login: 'jen', permissions, repository: github.forge.home.fullName },
  });
  return { ...github, token: value, dispatched };
}

/** Commits what main promotes for a model: a run, or nothing any more. @param at Unix time in seconds */
export function promoteOnMain(
  { forge }: DispatchedGitHub,
  { model, run, at }: { readonly model: string; readonly run: string | null; readonly at: number },
): void {
  const path = `models/${model}/production.json`;
  const text = JSON.stringify({ version: 1, model, run });
  const change = run === null ? `D ${path}` : `M 644 inline ${path}\ndata ${text.length}\n${text}`;
  const lines = [
    ...[
      'commit refs/heads/main',
      `committer Jen <jen@farm.example> ${at} +0000`,
      'data 7',
      'Promote',
    ],
    ...['from refs/heads/main^0', change, ''],
  ];
  forgeGit(forge.home.folder, ['fast-import', '--quiet'], { input: lines.join('\n') });
}

/** The settings of a bridge to the stand-in. */
export function bridgeConfig(
  folder: string,
  github: Pick<DispatchedGitHub, 'url' | 'token'>,
  change: Partial<BridgeConfig> = {},
): BridgeConfig {
  return {
    ...{ host: '127.0.0.1', port: 0, repository: 'jen/farm', api: github.url, secretFile: 'x' },
    ...{ tokenFile: 'x', appClientId: '', appKeyFile: '', projects: '', coolDownHours: 24 },
    ...{ queue: 4, logLevel: 'silent', secret, credentials: { token: github.token } },
    stateFile: join(folder, 'bridge.json'),
    ...change,
  };
}

/** Builds a bridge without jitter. */
export function buildTestBridge(
  config: BridgeConfig,
  now: () => number = Date.now,
): Promise<Bridge> {
  return buildBridge({ config, now, random: () => 0 });
}

/** Labels of an alert that asks for a retraining. */
export const drift = {
  ...{ alertname: 'MainstemDataDrift', action: 'retrain', job: 'mainstem', severity: 'warning' },
  ...{ model: 'pumpkins', version: '0123456789ab', property: 'brightness' },
};
/** Labels of an alert that asks for a revert. */
export const worse = { ...drift, alertname: 'MainstemPromotionWorse', action: 'revert' };

/** One alert of a notification. */
export interface TestAlert {
  readonly labels?: Readonly<Record<string, string>>;
  readonly fingerprint?: string;
  readonly startsAt?: string;
  readonly status?: 'firing' | 'resolved';
}

/** A notification as Alertmanager writes it, with all its fields. */
export function notificationOf(...alerts: readonly TestAlert[]) {
  const status = alerts.some((one) => one.status !== 'resolved') ? 'firing' : 'resolved';
  return {
    ...{ version: '4', groupKey: '{}/{action=~"retrain|revert"}:{}', truncatedAlerts: 0, status },
    ...{ receiver: 'bridge', groupLabels: {}, commonLabels: {}, commonAnnotations: {} },
    externalURL: 'http://alertmanager:9093',
    alerts: alerts.map((one) => ({
      ...{ status: 'firing', labels: drift, fingerprint: '5b3d7cbb9ab1a0f2' },
      ...{ startsAt: '2026-11-26T10:00:00.123456789Z', endsAt: '0001-01-01T00:00:00Z' },
      annotations: { description: 'Model pumpkins: the stability index over 6h is 0.41.' },
      generatorURL: 'http://prometheus:9090/graph',
      ...one,
    })),
  };
}

/** Posts a notification as Alertmanager does. */
export function notify({ app: server }: Bridge, body: unknown, authorization = `Bearer ${secret}`) {
  const headers = { authorization, 'content-type': 'application/json' };
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  return server.inject({ method: 'POST', url: '/alerts', headers, payload });
}

/** Writes the files of secrets and returns the environment of a bridge's process. */
export function bridgeEnvironment(folder: string, github: DispatchedGitHub): NodeJS.ProcessEnv {
  writeFileSync(join(folder, 'secret'), `${secret}\n`);
  writeFileSync(join(folder, 'token'), `${github.token}\n`);
  return {
    PORT: '0',
    MAINSTEM_BRIDGE_REPOSITORY: 'jen/farm',
    MAINSTEM_BRIDGE_API: github.url,
    MAINSTEM_BRIDGE_SECRET_FILE: join(folder, 'secret'),
    MAINSTEM_BRIDGE_TOKEN_FILE: join(folder, 'token'),
    MAINSTEM_BRIDGE_STATE_FILE: join(folder, 'bridge.json'),
    LOG_LEVEL: 'silent',
  };
}
