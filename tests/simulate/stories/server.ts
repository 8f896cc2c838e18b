import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { digestBytes, hexOf } from '../../../platform/lib/hash.ts';
import type { Story } from './story.ts';
import { project } from './template-repository.ts';

const root = join(import.meta.dirname, '../../..');

/** A machine of the farm's own on which a deployment starts a real server process. */
export interface ServingMachine {
  readonly label: string;
  readonly vars: Readonly<Record<string, string>>;
  /** Ends the server with the story. */
  endWith(story: Story): void;
  /** The run that answers, or null while nothing does. */
  run(): Promise<string | null>;
  /** What the server says about one gourd. */
  ask(gourd: { readonly weight: number; readonly length: number }): Promise<unknown>;
}

/** A host whose supervisor follows what deploy.yml releases, with the server's packages as an earlier deployment left them. */
export async function prepareMachine(folder: string): Promise<ServingMachine> {
  const label = 'farm-server';
  const host = join(folder, 'host');
  plantPackages(host);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, PORT: String(port), LOG_LEVEL: 'silent' };
  const script = join(root, 'infra/process/supervise.sh');
  const supervisor = spawn('sh', [script, host], { env, stdio: 'ignore' });
  return {
    label,
    vars: {
      SERVING_URL: url,
      DEPLOY_RUNNER: label,
      DEPLOY_TARGET: 'process',
      DEPLOY_FOLDER: host,
    },
    endWith: (story) => story.onClose(() => void supervisor.kill('SIGTERM')),
    run: async () => {
      const answer = await fetch(`${url}/version`).catch(() => null);
      if (!answer?.ok) return null;
      const { models } = (await answer.json()) as { models: { model: string; version: string }[] };
      return models.find(({ model }) => model === project)?.version ?? null;
    },
    ask: async (gourd) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(gourd);
      return (await fetch(`${url}/predict`, { method: 'POST', headers, body })).json();
    },
  };
}

function plantPackages(host: string): void {
  const lock = digestBytes(readFileSync(join(root, 'package-lock.json')));
  const packages = join(host, 'packages', hexOf(lock).slice(0, 16));
  mkdirSync(packages, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(packages, 'node_modules'));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
