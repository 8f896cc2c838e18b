import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Story } from './story.ts';
import { project } from './template-repository.ts';

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

/** Variables that make deploy.yml start `serving/server.ts` from the machine's checkout. */
export async function prepareMachine(folder: string): Promise<ServingMachine> {
  const label = 'farm-server';
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const pid = join(folder, 'server.pid');
  const stop = `[ -f "${pid}" ] && kill $(cat "${pid}") && sleep 0.5`;
  const start = `PORT=${port} LOG_LEVEL=silent node serving/server.ts --root "$PWD"`;
  const DEPLOY_COMMAND = `${stop}; ${start} >"${folder}/server.log" 2>&1 & echo $! >"${pid}"`;
  return {
    label,
    vars: { SERVING_URL: url, DEPLOY_RUNNER: label, DEPLOY_COMMAND },
    endWith: (story) =>
      story.onClose(() => {
        if (existsSync(pid)) process.kill(Number(readFileSync(pid, 'utf8')));
      }),
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
