import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createHttpServer, rememberResponses } from '../../../../serving/plugins/connections.ts';

it('holds on to no response on a connection that waits for its next request', async () => {
  const sent: WeakRef<object>[] = [];
  const server = createHttpServer(
    rememberResponses((_request, response) => {
      sent.push(new WeakRef(response));
      response.end('answer');
    }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const { port } = server.address() as AddressInfo;
    await ask(port, agent);
    await ask(port, agent);
    await collectGarbage();
    expect(sent.map((response) => response.deref())).toEqual([undefined, undefined]);
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
  } finally {
    agent.destroy();
    server.close();
  }
});

async function ask(port: number, agent: Agent): Promise<void> {
  const [message] = await once(get({ host: '127.0.0.1', port, agent }), 'response');
  await once(message.resume(), 'end');
}

/** Collects what nothing holds on to. A WeakRef holds its target until the turn in which it was made, or asked, is over. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
}
