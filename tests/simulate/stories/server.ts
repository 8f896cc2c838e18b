import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestBytes, hexOf } from '../../../platform/lib/hash.ts';
import { freePort } from '../../helpers/free-port.ts';
import { mainstemWith, serve, serveWith } from '../../helpers/mainstem.ts';
import type { Story } from './story.ts';
import { project } from './template-repository.ts';

const root = join(import.meta.dirname, '../../..');

/** A machine of the farm's own on which a deployment starts a real server process. */
export interface ServingMachine extends Answers {
  readonly label: string;
  /** Where the server answers. */
  readonly url: string;
  /** Where releases lie, and what the server keeps. */
  readonly host: string;
  readonly vars: Readonly<Record<string, string>>;
  /** Ends the server with the story. */
  endWith(story: Story): void;
}

/** What a server says. */
export interface Answers {
  /** The run that answers, or null while nothing does. */
  run(): Promise<string | null>;
  /** What the server says about one gourd. */
  ask(gourd: { readonly weight: number; readonly length: number }): Promise<unknown>;
}

/**
 * A host whose supervisor follows what deploy.yml releases, with the server's packages as an earlier deployment left them.
 *
 * @param settings of the server, as variables of its environment
 */
export async function prepareMachine(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
  model: string = project,
): Promise<ServingMachine> {
  const label = 'farm-server';
  const host = join(folder, 'host');
  plantPackages(host);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, PORT: String(port), LOG_LEVEL: 'silent', ...settings };
  const script = join(root, 'infra/process/supervise.sh');
  const supervisor = spawn('sh', [script, host], { env, stdio: 'ignore' });
  return {
    label,
    url,
    host,
    vars: {
      SERVING_URL: url,
      DEPLOY_RUNNER: label,
      DEPLOY_TARGET: 'process',
      DEPLOY_FOLDER: host,
    },
    endWith: (story) => story.onClose(() => void supervisor.kill('SIGTERM')),
    ...answersOf(url, model),
  };
}

function answersOf(url: string, name: string = project): Answers {
  return {
    run: async () => {
      const answer = await fetch(`${url}/version`).catch(() => null);
      if (!answer?.ok) return null;
      const { models } = (await answer.json()) as { models: { model: string; version: string }[] };
      return models.find(({ model }) => model === name)?.version ?? null;
    },
    ask: async (gourd) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(gourd);
      const response = await fetch(`${url}/predict`, { method: 'POST', headers, body });
      // Each answer has a name of its own.
      const { id: _, ...answer } = (await response.json()) as Record<string, unknown>;
      return answer;
    },
  };
}

/**
 * What the owner's laptop says, on a clone of main that pulled from the forge's registry with what docker holds for it:
 * deploy.yml needs to know where a server is, which no repository knows by itself.
 */
export async function serveOnLaptop(story: Story): Promise<Answers> {
  const clone = story.clone();
  const docker = signIn(story, clone);
  const { stderr, stdout } = await mainstemWith(docker, clone, 'pull', '--remote', story.remote);
  const server = await serve(clone, '--port', '0').catch((error: unknown) => {
    throw new Error(`pull said: ${stdout}${stderr}`, { cause: error });
  });
  story.onClose(() => void server.stop());
  return answersOf(server.url);
}

/**
 * What a server elsewhere says, which follows what is published in the forge's registry: it knows nothing of the repository but the
 * address of the registry and a public key.
 *
 * @param revision the server's own files; what this commit promotes does not count
 */
export async function serveElsewhere(
  story: Story,
  publicKey: string,
  revision: string,
): Promise<Answers> {
  const clone = story.clone(revision);
  const settings = {
    ...{ MAINSTEM_FOLLOW: 'remote', MAINSTEM_FOLLOW_KEY: publicKey },
    ...{ MAINSTEM_FOLLOW_FETCH_SECONDS: '1', MAINSTEM_REMOTE: story.remote },
    ...signIn(story, clone),
  };
  const server = await serveWith(settings, clone, '--port', '0');
  story.onClose(() => void server.stop());
  return answersOf(server.url);
}

/** What docker holds for the owner. @returns the variable that names it */
function signIn(story: Story, clone: string): Readonly<Record<string, string>> {
  const { host } = new URL(story.remote);
  const auth = Buffer.from(`${story.forge.home.owner}:${story.token}`).toString('base64');
  writeFileSync(join(clone, '.git/config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  return { DOCKER_CONFIG: join(clone, '.git') };
}

function plantPackages(host: string): void {
  const lock = digestBytes(readFileSync(join(root, 'package-lock.json')));
  const packages = join(host, 'packages', hexOf(lock).slice(0, 16));
  mkdirSync(packages, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(packages, 'node_modules'));
}
