import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that says the same to whatever each connection sends first, and closes it. */
export interface Saying {
  /** For example `127.0.0.1:40123`. */
  readonly host: string;
  /** How many connections there were. */
  asked(): number;
}

/** Starts one on the loopback, for as long as the test runs. */
export async function startSaying(text: string): Promise<Saying> {
  let asked = 0;
  const server = createServer((socket) => {
    asked++;
    socket.on('error', () => {});
    socket.once('data', () => socket.end(text));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { host: `127.0.0.1:${port}`, asked: () => asked };
}
