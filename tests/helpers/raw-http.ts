import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What came back over a connection. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Opens a connection to a server. */
export async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.on('error', () => {});
  return socket;
}

/**
 * Sends bytes as they are, which no HTTP client would send, and reads until the server closes the connection.
 *
 * @example (await talk(url, 'nonsense\r\n\r\n')).status // 400
 */
export async function talk(url: string, ...parts: (string | Uint8Array)[]): Promise<RawResponse> {
  const socket = await open(url);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return parseResponse(Buffer.concat(chunks).toString('latin1'));
}

function parseResponse(text: string): RawResponse {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const headers = lines.map((header) => {
    const [name = '', ...value] = header.split(': ');
    return [name.toLowerCase(), value.join(': ')];
  });
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: body.join('\r\n\r\n'),
  };
}
