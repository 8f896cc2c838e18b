import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { openRemote } from '../../../../../platform/storage/remotes/index.ts';
import { createOciRemote } from '../../../../../platform/storage/remotes/oci-remote.ts';
import { createS3Remote } from '../../../../../platform/storage/remotes/s3-remote.ts';
import { test } from '../../../../helpers/folder.ts';
import { startSaying } from '../../../../helpers/saying.ts';

const challenge = (realm: string) =>
  `HTTP/1.1 401 No\r\nwww-authenticate: Bearer realm="${realm}"\r\ncontent-length: 0\r\n\r\n`;
const redirect = (to: string) =>
  `HTTP/1.1 307 There\r\nlocation: ${to}\r\ncontent-length: 0\r\n\r\n`;
const answer = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
const s3Error = (status: string, code: string, headers = '') =>
  answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`, headers);
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
  async (named, { folder }) => {
    const [text, reason] = answers[named];
    const failure = { code: 'REMOTE_FAILED', message: expect.stringMatching(reason) };
    const { host, asked } = await startSaying(text);
    const remote = await openRemote(folder, { option: `oci://${host}/a/b`, environment: {} });
    await expect(remote.list('packs/')).rejects.toMatchObject(failure);
    await expect(remote.upload('packs/x', import.meta.filename)).rejects.toMatchObject(failure);
    await expect(remote.download('packs/x', join(folder, 'x'))).rejects.toMatchObject(failure);
    expect(asked()).toBeLessThanOrEqual(3);
  },
);

const bucketAnswers = {
  'headers without end': answers['headers without end'],
  'another protocol': answers['another protocol'],
  'a redirect to the right region': [
    s3Error('301 Moved', 'PermanentRedirect', 'x-amz-bucket-region: eu-west-1\r\n'),
    /another region; add \?region=eu-west-1 to the address/,
  ],
  'a redirect to a region that is none': [
    s3Error('301 Moved', 'PermanentRedirect', 'x-amz-bucket-region: <b>\r\n'),
    /add \?region=… to the address/,
  ],
  'a clock that differs': [s3Error('403 No', 'RequestTimeTooSkewed'), /clock differs/],
  'a key that it does not know': [s3Error('403 No', 'InvalidAccessKeyId'), /AWS_ACCESS_KEY_ID/],
  'an error with the name of a method': [
    s3Error('400 No', 'toString'),
    /answered 400 toString at packs/,
  ],
  'a list that breaks off': [
    answer('200 OK', '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'),
    /its list breaks off/,
  ],
} as const;

test.for(Object.keys(bucketAnswers) as (keyof typeof bucketAnswers)[])(
  'the error about a bucket that answers with %s has plain words',
  async (named, { folder }) => {
    const [text, reason] = bucketAnswers[named];
    const { host } = await startSaying(text);
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

/** Starts a server for as long as the test runs. @returns its host and port */
async function startAnswering(answers: RequestListener): Promise<string> {
  const server = createHttpServer(answers).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
}

const limits = { tries: 3, pauseMs: 5, timeoutMs: 5_000 };

test('a registry that takes chunks without counting them is not sent them forever', async ({
  folder,
}) => {
  let chunks = 0;
  const host = await startAnswering((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'PATCH') chunks++;
      const headers = { location: `/v2/a/b/blobs/uploads/1`, range: '0-999' };
      response.writeHead(request.method === 'HEAD' ? 404 : 202, headers).end();
    });
  });
  const file = join(folder, 'large');
  await writeFile(file, Buffer.alloc(10_000));
  const options = { environment: {}, folder, limits, chunkBytes: 2_000 };
  const remote = createOciRemote(`oci://${host}/a/b`, options);
  await expect(remote.upload('packs/x', file)).rejects.toMatchObject({
    code: 'REMOTE_FAILED',
    message: expect.stringContaining('takes no more than 1000 bytes'),
  });
  expect(chunks).toBe(limits.tries + 1);
});

test.for([
  ['goes through at the next request', 2],
  ['never goes through', Number.POSITIVE_INFINITY],
] as const)(
  'an object whose writing collides with another request and %s is not taken for written',
  async ([, wins], { folder }) => {
    let writes = 0;
    const host = await startAnswering((request, response) => {
      request.resume().on('end', () => {
        const status = request.method !== 'PUT' ? 404 : ++writes < wins ? 409 : 200;
        response.writeHead(status, status === 200 ? { etag: '"a"' } : {}).end();
      });
    });
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
    onTestFinished(() => void vi.unstubAllEnvs());
    const address = `s3://farm/store?endpoint=http://${host}&region=x`;
    const remote = createS3Remote(address, { environment: {}, folder, limits });
    const sent = await remote.upload('packs/x', import.meta.filename).then(
      () => 'written',
      (error: unknown) => error,
    );
    if (wins === 2) expect([sent, writes]).toEqual(['written', 2]);
    else expect(sent).toMatchObject({ code: 'REMOTE_FAILED' });
  },
);

test('a token that no request can carry is not shown', async ({ folder }) => {
  const host = await startAnswering((request, response) => {
    if (request.url?.startsWith('/token')) {
      response.end(JSON.stringify({ token: 'secret\r\nX-Evil: 1' }));
      return;
    }
    const realm = `http://${request.headers.host}/token`;
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end();
  });
  const remote = await openRemote(folder, { option: `oci://${host}/a/b`, environment: {} });
  const failure: unknown = await remote.list('packs/').catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 'REMOTE_FAILED',
    message: expect.stringContaining('that no request can carry'),
  });
  expect(String(failure)).not.toContain('secret');
});
