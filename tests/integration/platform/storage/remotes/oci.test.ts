import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished } from 'vitest';
import { digestBytes } from '../../../../../platform/lib/hash.ts';
import { listReferrers } from '../../../../../platform/storage/remotes/oci/referrers.ts';
import {
  openRegistry,
  parseOciAddress,
} from '../../../../../platform/storage/remotes/oci/registry.ts';
import { createOciRemote } from '../../../../../platform/storage/remotes/oci-remote.ts';
import { test } from '../../../../helpers/folder.ts';
import {
  foreignAnswers,
  type LoopbackProxy,
  startLoopbackProxy,
} from '../../../../helpers/loopback-proxy.ts';
import {
  debianRegistry,
  goRegistry,
  motoServer,
  type Server,
} from '../../../../helpers/servers.ts';
import { moto } from '../../../../helpers/tools.ts';

const run = promisify(execFile);
const limits = { tries: 4, pauseMs: 20, timeoutMs: 5_000 };

let stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

async function started(start: Promise<Server>): Promise<Server> {
  const server = await start;
  stops.push(server.stop);
  return server;
}

async function proxied(server: Server): Promise<LoopbackProxy> {
  const proxy = await startLoopbackProxy(server.url);
  stops.push(proxy.close);
  return proxy;
}

function addressAt({ url }: { url: string }): string {
  return `oci://${new URL(url).host}/jen/farm/store`;
}

function registryAt(address: string, folder: string) {
  const place = parseOciAddress(address);
  if (!place) throw new Error('the address is valid');
  return openRegistry(place, { environment: {}, folder, limits });
}

async function fileWith(folder: string, name: string, content: string | Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const large = Buffer.alloc(3_000_000, 'a large pumpkin');

describe.skipIf(!debianRegistry.found)('a transfer to docker-registry', () => {
  test('sends a chunk again that was refused, and none that arrived', async ({ folder }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    let chunks = 0;
    proxy.trouble = ({ method }) =>
      method === 'PATCH' && ++chunks === 2 ? { status: 503 } : undefined;
    const options = { environment: {}, folder, limits, chunkBytes: 1_000_000 };
    const remote = createOciRemote(addressAt(proxy), options);
    await remote.upload('objects/large', await fileWith(folder, 'large', large));
    expect(chunks).toBe(4);
    await remote.download('objects/large', join(folder, 'back'));
    expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
  });

  test('starts over when a chunk broke in the middle and the registry lost count', async ({
    folder,
  }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    let chunks = 0;
    proxy.trouble = ({ method }) =>
      method === 'PATCH' && ++chunks === 2 ? { cutRequestAt: 300_000 } : undefined;
    const options = { environment: {}, folder, limits, chunkBytes: 1_000_000 };
    const remote = createOciRemote(addressAt(proxy), options);
    await remote.upload('objects/large', await fileWith(folder, 'large', large));
    await remote.download('objects/large', join(folder, 'back'));
    expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
  });

  test('resumes in a later process what a killed one began', async ({ folder }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    const file = await fileWith(folder, 'large', large);
    const patient = {
      environment: {},
      folder,
      chunkBytes: 500_000,
      limits: { ...limits, tries: 1 },
    };
    let chunks = 0;
    proxy.trouble = ({ method }) =>
      method === 'PATCH' && ++chunks > 3 ? { status: 503 } : undefined;
    await expect(
      createOciRemote(addressAt(proxy), patient).upload('objects/large', file),
    ).rejects.toMatchObject({ code: 'REMOTE_FAILED', details: { key: 'objects/large' } });
    const sent = proxy.bytes.sent;
    proxy.trouble = () => undefined;
    await createOciRemote(addressAt(proxy), patient).upload('objects/large', file);
    // The chunk that was refused was read by the proxy, too.
    expect(proxy.bytes.sent - sent).toBeLessThan(large.length - 1_400_000);
    expect(await readdir(folder)).not.toContain(expect.stringContaining('upload.json'));
  });

  test('repeats requests that the server was too busy for, or that broke', async ({ folder }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    const failed = new Set<string>();
    proxy.trouble = ({ method, path }) => {
      const kind = `${method} ${path.split('/')[5]}`;
      if (failed.has(kind)) return undefined;
      failed.add(kind);
      return failed.size % 2
        ? { status: 429, headers: { 'retry-after': '0' } }
        : { cutAnswerAt: 0, cutRequestAt: 0 };
    };
    const remote = createOciRemote(addressAt(proxy), { environment: {}, folder, limits });
    await remote.upload('packs/a', await fileWith(folder, 'a', 'x'.repeat(1000)));
    await remote.download('packs/a', join(folder, 'b'));
    expect(await readFile(join(folder, 'b'), 'utf8')).toHaveLength(1000);
    expect(failed.size).toBeGreaterThan(4);
  });

  test.for(foreignAnswers)(
    'is not done where something else answers in its place: %s',
    async ([_what, answer], { folder }) => {
      const proxy = await proxied(await started(debianRegistry.start()));
      const options = { environment: {}, folder, limits, chunkBytes: 1_000_000 };
      const remote = () => createOciRemote(addressAt(proxy), options);
      const [small, big] = [
        await fileWith(folder, 'small', 'x'),
        await fileWith(folder, 'big', large),
      ];
      const failed = (action: Promise<unknown>) =>
        expect(action).rejects.toMatchObject({
          code: 'REMOTE_FAILED',
          message: expect.stringContaining('answered what no registry answers'),
        });
      for (const methods of ['PUT', 'POST', 'POST|PUT', 'HEAD|POST|PUT|PATCH|GET']) {
        proxy.trouble = ({ method }) =>
          new RegExp(`^(${methods})$`).test(method) ? answer : undefined;
        await failed(remote().upload('packs/small', small));
        await failed(remote().upload('objects/big', big));
      }
      proxy.trouble = ({ method }) => (method === 'PATCH' ? answer : undefined);
      await failed(remote().upload('objects/big', big));
      proxy.trouble = ({ method }) => (method === 'HEAD' ? answer : undefined);
      await remote().upload('objects/big', big);
      proxy.trouble = () => undefined;
      expect(await remote().list('')).toEqual(['objects/big']);
      await remote().download('objects/big', join(folder, 'back'));
      expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
    },
  );

  test.for(['a login page', 'nothing'])(
    'has no list where %s stands in its place',
    async (what, { folder }) => {
      const proxy = await proxied(await started(debianRegistry.start()));
      const remote = createOciRemote(addressAt(proxy), { environment: {}, folder, limits });
      proxy.trouble = () => new Map(foreignAnswers).get(what);
      for (const action of [() => remote.list(''), remote.assertThere])
        await expect(action()).rejects.toMatchObject({
          code: 'REMOTE_FAILED',
          message: expect.stringContaining('answered what no registry answers'),
        });
    },
  );

  test('gives up on a server that never answers, and says so', async ({ folder }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    proxy.trouble = () => ({ silent: true });
    const hasty = { tries: 2, pauseMs: 1, timeoutMs: 200 };
    const remote = createOciRemote(addressAt(proxy), { environment: {}, folder, limits: hasty });
    await expect(remote.list('packs/')).rejects.toMatchObject({
      code: 'REMOTE_SILENT',
      message: expect.stringContaining('no byte moved for 0.2 s'),
    });
    expect(proxy.seen).toHaveLength(2);
  });

  test('asks only for the rest of a download that broke', async ({ folder }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    const remote = createOciRemote(addressAt(proxy), { environment: {}, folder, limits });
    await remote.upload('objects/large', await fileWith(folder, 'large', large));
    let cuts = 0;
    proxy.trouble = ({ method, path }) =>
      method === 'GET' && path.includes('/blobs/') && cuts++ === 0
        ? { cutAnswerAt: 1_000_000 }
        : undefined;
    await remote.download('objects/large', join(folder, 'back'));
    expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
    expect(proxy.bytes.received).toBeLessThan(large.length + 200_000);
  });

  test('fetches all of it where the registry refuses to begin in the middle', async ({
    folder,
  }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    const remote = createOciRemote(addressAt(proxy), { environment: {}, folder, limits });
    await remote.upload('objects/large', await fileWith(folder, 'large', large));
    let broken = false;
    proxy.trouble = ({ method, path, headers }) => {
      if (method !== 'GET' || !path.includes('/blobs/')) return undefined;
      if (headers.range) return { status: 416 };
      if (broken) return undefined;
      broken = true;
      return { cutAnswerAt: 1_000_000 };
    };
    await remote.download('objects/large', join(folder, 'back'));
    expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
  });

  test('does not follow a list of tags forever, nor reads one that never ends', async ({
    folder,
  }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    const remote = createOciRemote(addressAt(proxy), { environment: {}, folder, limits });
    let page = 0;
    proxy.trouble = ({ path }) => {
      if (!path.includes('/tags/list')) return undefined;
      const link = `</v2/jen/farm/store/tags/list?last=${++page}>; rel="next"`;
      const headers = { 'content-type': 'application/json', link };
      return { status: 200, headers, body: JSON.stringify({ tags: ['packs.a.pack'] }) };
    };
    await expect(remote.list('')).rejects.toMatchObject({
      message: expect.stringContaining('its list has no end'),
    });
    proxy.trouble = ({ path }) =>
      path.includes('/manifests/')
        ? { status: 200, body: ' '.repeat(17 * 1024 * 1024) }
        : undefined;
    await expect(remote.download('packs/a', join(folder, 'a'))).rejects.toMatchObject({
      message: expect.stringContaining('16 MiB'),
    });
  });

  test('says that it wants other credentials', async ({ folder }) => {
    const proxy = await proxied(await started(debianRegistry.start()));
    proxy.trouble = () => ({ status: 403 });
    const remote = createOciRemote(addressAt(proxy), { environment: {}, folder, limits });
    await expect(remote.list('')).rejects.toMatchObject({
      message: expect.stringContaining('docker login 127.0.0.1'),
    });
  });

  test.for([
    [
      'errors',
      JSON.stringify({ errors: [{ code: 'DENIED', message: 'no \u001b[31mplan\u202e' }] }),
    ],
    ['details', JSON.stringify({ details: 'no \u001b[31mplan\u202e' })],
    ['very many words', JSON.stringify({ errors: [{ message: `no ${'plan '.repeat(5000)}` }] })],
  ] as const)('says beside that why, by %s, fit to be shown', async ([, body], { folder }) => {
    const registry = createServer(({ url = '', headers }, response) => {
      const isToken = url.startsWith('/token');
      const challenge = `Bearer realm="http://${headers.host}/token"`;
      response.writeHead(401, isToken ? {} : { 'www-authenticate': challenge }).end(body);
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void registry.close());
    const { port } = registry.address() as AddressInfo;
    const address = `oci://127.0.0.1:${port}/a/b`;
    const remote = createOciRemote(address, { environment: {}, folder, limits });
    const failure = await remote.list('').catch((error: Error) => error.message);
    expect(failure).toMatch(
      /answered 401: no .*plan.*; it wants other credentials \("docker login/,
    );
    expect(failure).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(String(failure).length).toBeLessThan(500);
  });

  test('rejects and names a blob that the registry damaged on its disk', async ({ folder }) => {
    const server = await started(debianRegistry.start());
    const remote = createOciRemote(addressAt(server), { environment: {}, folder, limits });
    await remote.upload('objects/a', await fileWith(folder, 'a', 'a pumpkin'));
    const hex = digestBytes('a pumpkin').slice(7);
    const blobs = join(server.folder, 'data/docker/registry/v2/blobs/sha256');
    await writeFile(join(blobs, hex.slice(0, 2), hex, 'data'), 'a melon!!');
    await expect(remote.download('objects/a', join(folder, 'b'))).rejects.toMatchObject({
      code: 'REMOTE_CORRUPT',
      details: { key: 'objects/a', expected: digestBytes('a pumpkin') },
    });
    expect(await readdir(folder)).not.toContain('b');
  });
});

for (const { name, found, start } of [debianRegistry, goRegistry]) {
  describe.skipIf(!found)(`what belongs together, in ${name}`, () => {
    test('a model refers to its data, and lists as a referrer of it', async ({ folder }) => {
      const address = addressAt(await started(start()));
      const remote = createOciRemote(address, { environment: {}, folder, limits });
      await remote.upload('packs/a.pack', await fileWith(folder, 'a.pack', 'photos'));
      await remote.upload('packs/a.idx', await fileWith(folder, 'a.idx', 'index'));
      const config = (text: string) => ({ bytes: Buffer.from(text), mediaType: 'text/plain' });
      await remote.describe?.({
        key: 'datasets/farm-1',
        config: config('manifest'),
        keys: ['packs/a.idx', 'packs/a.pack'],
        files: [],
      });
      const model = (run: string) => ({
        key: `models/farm-${run}`,
        config: config(`{"run":"${run}"}`),
        keys: [],
        files: [
          {
            name: 'package.onnx',
            bytes: Buffer.from(`onnx ${run}`),
            mediaType: 'application/onnx',
          },
        ],
        subject: 'datasets/farm-1',
      });
      await remote.describe?.(model('one'));
      await remote.describe?.(model('two'));
      const registry = registryAt(address, folder);
      const dataset = await registry.manifest('datasets.farm-1');
      if (!dataset) throw new Error('the dataset is described');
      const listed = await listReferrers(registry, dataset.digest);
      const models = ['models.farm-one', 'models.farm-two'].map(async (tag) => {
        return (await registry.manifest(tag))?.digest;
      });
      expect(listed.map(({ digest }) => digest).sort()).toEqual((await Promise.all(models)).sort());
      await remote.remove('models/farm-one');
      expect(await listReferrers(registry, dataset.digest)).toHaveLength(1);
      expect(await remote.list('models/')).toEqual(['models/farm-two']);
    });

    test.skipIf(!motoServer.found)('oras pulls a model as files', async ({ folder }) => {
      const address = addressAt(await started(start()));
      const remote = createOciRemote(address, { environment: {}, folder, limits });
      await remote.describe?.({
        key: 'models/farm-one',
        config: { bytes: Buffer.from('{}'), mediaType: 'application/json' },
        keys: [],
        files: [{ name: 'package.onnx', bytes: large, mediaType: 'application/onnx' }],
      });
      const script = `import oras.client, sys
client = oras.client.OrasClient(insecure=True, tls_verify=False)
client.pull(target=sys.argv[1], outdir=sys.argv[2])`;
      const target = `${address.slice('oci://'.length)}:models.farm-one`;
      await mkdir(join(folder, 'pulled'));
      await run(moto.python, ['-c', script, target, join(folder, 'pulled')]);
      expect(await readFile(join(folder, 'pulled/package.onnx'))).toEqual(large);
    });
  });
}

describe.skipIf(!debianRegistry.found)('authorization at docker-registry', () => {
  let issuer: TokenServer;
  beforeEach(async () => {
    issuer = await startTokenServer({ jen: 'pumpkin' });
    stops.push(issuer.close);
  });
  const registryWithTokens = async (folder: string) => {
    await writeFile(join(folder, 'root.pem'), issuer.certificate);
    return started(
      debianRegistry.start(
        `auth: { token: { realm: '${issuer.url}/token', service: registry, issuer: test, rootcertbundle: '${join(folder, 'root.pem')}' } }`,
      ),
    );
  };
  const homeWith = async (folder: string, config: unknown) => {
    await mkdir(join(folder, '.docker'), { recursive: true });
    await writeFile(join(folder, '.docker/config.json'), JSON.stringify(config));
    return { HOME: folder, PATH: `${folder}:${process.env.PATH}` };
  };
  const auth = Buffer.from('jen:pumpkin').toString('base64');

  test('the token server gets the credentials of docker, and the registry its token', async ({
    folder,
  }) => {
    const address = addressAt(await registryWithTokens(folder));
    const host = new URL(address.replace('oci:', 'http:')).host;
    const environment = await homeWith(folder, { auths: { [host]: { auth } } });
    const remote = createOciRemote(address, { environment, folder, limits });
    const file = await fileWith(folder, 'a', 'x');
    await remote.upload('packs/a', file);
    await remote.upload('packs/b', file);
    expect(await remote.list('')).toEqual(['packs/a', 'packs/b']);
    // One for writing and one for reading, each kept.
    expect(issuer.scopes).toEqual([
      'repository:jen/farm/store:pull,push',
      'repository:jen/farm/store:pull',
    ]);
  });

  test('a credential helper of docker is asked', async ({ folder }) => {
    const address = addressAt(await registryWithTokens(folder));
    const helper = join(folder, 'docker-credential-farm');
    await writeFile(helper, `#!/bin/sh\nread host\necho '{"Username":"jen","Secret":"pumpkin"}'\n`);
    await chmod(helper, 0o755);
    const environment = await homeWith(folder, { credsStore: 'farm' });
    const remote = createOciRemote(address, { environment, folder, limits });
    await remote.upload('packs/a', await fileWith(folder, 'a', 'x'));
    expect(await remote.list('')).toEqual(['packs/a']);
  });

  test('without credentials, or with wrong ones, the error says who refused and shows no secret', async ({
    folder,
  }) => {
    const address = addressAt(await registryWithTokens(folder));
    const host = new URL(address.replace('oci:', 'http:')).host;
    const wrong = Buffer.from('jen:watermelon').toString('base64');
    for (const auths of [{}, { [host]: { auth: wrong } }]) {
      const environment = await homeWith(folder, { auths });
      const remote = createOciRemote(address, { environment, folder, limits });
      const failure = await remote
        .upload('packs/a', await fileWith(folder, 'a', 'x'))
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'REMOTE_FAILED',
        message: expect.stringContaining('401'),
      });
      expect(JSON.stringify(failure) + String(failure)).not.toMatch(/watermelon|bWVsb24/);
    }
  });

  test('a registry that wants a name and password gets them', async ({ folder }) => {
    // bcrypt of "pumpkin".
    await writeFile(join(folder, 'htpasswd'), `jen:${bcryptOfPumpkin}\n`);
    const basic = `auth: { htpasswd: { realm: farm, path: '${join(folder, 'htpasswd')}' } }`;
    const address = addressAt(await started(debianRegistry.start(basic)));
    const host = new URL(address.replace('oci:', 'http:')).host;
    const environment = await homeWith(folder, { auths: { [host]: { auth } } });
    const remote = createOciRemote(address, { environment, folder, limits });
    await remote.upload('packs/a', await fileWith(folder, 'a', 'x'));
    expect(await remote.list('')).toEqual(['packs/a']);
  });
});

const bcryptOfPumpkin = '$2y$04$0HTOZhyVqxDwhz7D3C2FDOFl3ls2kyUwr/n8ri.2TpjMHTzbqTbGm';

interface TokenServer {
  readonly url: string;
  /** The certificate that its tokens are checked with. */
  readonly certificate: string;
  /** What tokens were asked for. */
  readonly scopes: string[];
  close(): Promise<void>;
}

/** A token server by the distribution specification, with a key of its own. */
async function startTokenServer(users: Readonly<Record<string, string>>): Promise<TokenServer> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const certificate = await selfSign(String(pem));
  const scopes: string[] = [];
  const server = createServer((request, answer) => {
    if (!mayEnter(request, users)) return answer.writeHead(401).end('{}');
    const asked = new URL(request.url ?? '', 'http://localhost').searchParams;
    scopes.push(...asked.getAll('scope'));
    const claims = asked.getAll('scope').map((scope) => {
      const [type, name, actions = ''] = scope.split(':');
      return {
        type,
        name,
        actions: actions.split(',').map((each) => (each === 'delete' ? '*' : each)),
      };
    });
    const now = Math.floor(Date.now() / 1000);
    const body = {
      iss: 'test',
      aud: 'registry',
      nbf: now - 10,
      iat: now,
      exp: now + 300,
      access: claims,
    };
    const x5c = [certificate.replace(/-----[^-]+-----|\s/g, '')];
    const signed = [{ typ: 'JWT', alg: 'RS256', x5c }, body]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
    return answer.end(JSON.stringify({ token: `${signed}.${signature}`, expires_in: 300 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, certificate, scopes, close };
}

function mayEnter({ headers }: IncomingMessage, users: Readonly<Record<string, string>>): boolean {
  const encoded = headers.authorization?.replace(/^Basic /, '') ?? '';
  const [user = '', password] = Buffer.from(encoded, 'base64').toString().split(':');
  return password !== undefined && users[user] === password;
}

async function selfSign(key: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-key-'));
  try {
    const path = join(folder, 'key.pem');
    await writeFile(path, key);
    const args = ['req', '-x509', '-new', '-key', path, '-subj', '/CN=test', '-days', '2'];
    return (await run('openssl', args)).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
