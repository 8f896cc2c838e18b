import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { openRemote } from '../../../../../platform/storage/remotes/index.ts';
import { test } from '../../../../helpers/folder.ts';

/** A server that says the same to each connection. @returns its host and how many have asked */
async function saying(text: string) {
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

const challenge = (realm: string) =>
  `HTTP/1.1 401 No\r\nwww-authenticate: Bearer realm="${realm}"\r\ncontent-length: 0\r\n\r\n`;
const redirect = (to: string) =>
  `HTTP/1.1 307 There\r\nlocation: ${to}\r\ncontent-length: 0\r\n\r\n`;
const longHeaders = `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`;

const answers = {
  'a token server in a file': [challenge('file:///etc/passwd'), /token server at an address/],
  'a token server at no address': [challenge('http://[::z'), /token server at an address/],
  'a redirect to a file': [redirect('file:///etc/passwd'), /redirects to an address/],
  'headers without end': [longHeaders, /headers are longer than anybody needs/],
  'another protocol': ['SSH-2.0-OpenSSH_10\r\n', /does not speak HTTP/],
} as const;
type Answer = keyof typeof answers;

test.for(Object.keys(answers) as Answer[])(
  'a registry that answers with %s is not asked again and told in words',
  async (answer, { folder }) => {
    const [text, reason] = answers[answer];
    const failure = { code: 'REMOTE_FAILED', message: expect.stringMatching(reason) };
    const { host, asked } = await saying(text);
    const remote = await openRemote(folder, { option: `oci://${host}/a/b`, environment: {} });
    await expect(remote.list('packs/')).rejects.toMatchObject(failure);
    await expect(remote.upload('packs/x', import.meta.filename)).rejects.toMatchObject(failure);
    await expect(remote.download('packs/x', join(folder, 'x'))).rejects.toMatchObject(failure);
    expect(asked()).toBeLessThanOrEqual(3);
  },
);

test.for(['headers without end', 'another protocol'] as const)(
  'a bucket that answers with %s is told in words',
  async (answer, { folder }) => {
    const [text, reason] = answers[answer];
    const { host } = await saying(text);
    const option = `s3://farm/store?endpoint=http://${host}&region=x`;
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
    onTestFinished(() => void vi.unstubAllEnvs());
    const remote = await openRemote(folder, { option, environment: {} });
    await expect(remote.list('packs/')).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
      message: expect.stringMatching(reason),
    });
  },
);
