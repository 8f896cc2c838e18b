import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRemote, remoteOfForge } from '../../../../../platform/storage/index.ts';
import { parseChallenge } from '../../../../../platform/storage/remotes/oci/challenge.ts';
import { findCredentials } from '../../../../../platform/storage/remotes/oci/credentials.ts';
import { keyOfTag, tagOfKey } from '../../../../../platform/storage/remotes/oci/key-tags.ts';
import { parseOciAddress } from '../../../../../platform/storage/remotes/oci/registry.ts';
import { parseS3Address } from '../../../../../platform/storage/remotes/s3/s3-address.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mainstem-addresses-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const job = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'Jen/Pumpkins' };
const addressOf = async (environment: Record<string, string>, option?: string) =>
  (await openRemote(root, { option, environment })).address;

test('the option comes before the variable, package.json, and what the forge offers', async () => {
  expect(await addressOf(job)).toBe('oci://ghcr.io/jen/pumpkins/store');
  await writeFile(join(root, 'package.json'), '{"mainstem":{"remote":"s3://from-package"}}');
  expect(await addressOf(job)).toBe('s3://from-package');
  const variable = { ...job, MAINSTEM_REMOTE: 's3://from-variable' };
  expect(await addressOf(variable)).toBe('s3://from-variable');
  expect(await addressOf(variable, 's3://from-option')).toBe('s3://from-option');
  // A repository variable that is not set arrives as an empty text.
  expect(await addressOf({ ...job, MAINSTEM_REMOTE: '' })).toBe('s3://from-package');
  await rm(join(root, 'package.json'));
  await expect(addressOf({ GITHUB_REPOSITORY: 'jen/pumpkins' })).rejects.toMatchObject({
    code: 'REMOTE_UNSET',
  });
});

test.for([
  ['-', /dash/],
  ['--help', /dash/],
  ['~/share', /write the folder/],
  ['~', /write the folder/],
  ['file:///~/share', /write the folder/],
  ['.', /this repository itself/],
  ['.mainstem/store', /in \.mainstem/],
  ['.mainstem', /in \.mainstem/],
  ['share/../.git/store', /in \.git/],
  ['/', /whole file system/],
] as const)('%s is not a remote, wherever the address comes from', async ([address, reason]) => {
  const refusal = { code: 'REMOTE_UNKNOWN', message: expect.stringMatching(reason) };
  await expect(addressOf({}, address)).rejects.toMatchObject(refusal);
  await expect(addressOf({ MAINSTEM_REMOTE: address })).rejects.toMatchObject(refusal);
  await writeFile(join(root, 'package.json'), JSON.stringify({ mainstem: { remote: address } }));
  await expect(addressOf({})).rejects.toMatchObject(refusal);
  await rm(join(root, 'package.json'));
});

test('a link to the repository is the repository, and a strange name is one with ./', async () => {
  await symlink(root, join(root, 'link'));
  await expect(addressOf({}, 'link')).rejects.toMatchObject({ code: 'REMOTE_UNKNOWN' });
  await expect(addressOf({}, 'link/.mainstem/x')).rejects.toMatchObject({ code: 'REMOTE_UNKNOWN' });
  await rm(join(root, 'link'));
  expect(await addressOf({}, './--help')).toBe(join(root, '--help'));
  expect(await addressOf({}, './~')).toBe(join(root, '~'));
});

test('the forge offers its own registry as the store, and only to a job', () => {
  const storeAt = (url: string) => remoteOfForge({ ...job, GITHUB_SERVER_URL: url });
  expect(storeAt('https://github.com')).toBe('oci://ghcr.io/jen/pumpkins/store');
  const tenant = 'oci://containers.farm.ghe.com/jen/pumpkins/store';
  expect(storeAt('https://farm.ghe.com')).toBe(tenant);
  expect(storeAt('https://farm.ghe.com.example')).toBeUndefined();
  expect(remoteOfForge({ ...job, GITHUB_ACTIONS: 'false' })).toBeUndefined();
});

test('an enterprise server’s registry is named by the environment of its runners', () => {
  const own = { ...job, GITHUB_SERVER_URL: 'https://git.farm.example' };
  expect(remoteOfForge(own)).toBeUndefined();
  const named = { ...own, MAINSTEM_REGISTRY: 'containers.git.farm.example' };
  expect(remoteOfForge(named)).toBe('oci://containers.git.farm.example/jen/pumpkins/store');
});

test('a job’s token goes to the registry of its own forge alone', async () => {
  const none = { HOME: root, PATH: '', GITHUB_TOKEN: 'ghs_1' };
  const found = { user: 'mainstem', password: 'ghs_1' };
  expect(await findCredentials('ghcr.io', none)).toEqual(found);
  expect(await findCredentials('registry.example', none)).toBeUndefined();
  const enterprise = { ...none, MAINSTEM_REGISTRY: 'containers.git.farm.example' };
  expect(await findCredentials('containers.git.farm.example', enterprise)).toEqual(found);
  expect(await findCredentials('ghcr.io', enterprise)).toBeUndefined();
});

test.each([
  'ftp://a/b',
  'oci://ghcr.io',
  'oci://ghcr.io/Jen/Store',
  'oci://user@ghcr.io/jen/store',
  's3://',
  's3://farm?unknown=1',
  's3://farm?endpoint=nowhere',
  's3://farm?endpoint=ftp://farm.example',
  'oci://ghcr.io:99999/jen/store',
  'file://',
  'file:///',
  '/',
  'file://%zz',
  'file:///srv/a#b',
  'file:///srv/a?b=c',
  'file:///../x%zz',
  'file:///a%2fb',
  'file://host/x',
])('%s is not a remote', async (address) => {
  await expect(addressOf({}, address)).rejects.toMatchObject({ code: 'REMOTE_UNKNOWN' });
});

test.each([1, 6000])(
  'port %i, which fetch never asks, is refused at once and in words',
  async (port) => {
    const remote = await openRemote(root, { option: `oci://localhost:${port}/x`, environment: {} });
    const began = performance.now();
    await expect(remote.list('packs/')).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
      message: expect.stringContaining('its port belongs to another service'),
    });
    expect(performance.now() - began).toBeLessThan(5_000);
  },
);

test('a bucket without credentials or a region says which variables name them', async () => {
  const none = { HOME: root, AWS_EC2_METADATA_DISABLED: 'true' };
  const settings = ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'PROFILE', 'REGION', 'DEFAULT_REGION'];
  for (const [name, value] of Object.entries(none)) vi.stubEnv(name, value);
  for (const name of settings) vi.stubEnv(`AWS_${name}`, undefined);
  const failureOf = async (address: string, environment = {}) => {
    const remote = await openRemote(root, { option: address, environment });
    return remote.list('packs/').catch((error: unknown) => error);
  };
  const lacking = (owner: string) => ({
    code: 'REMOTE_CREDENTIALS',
    hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
    message: expect.stringContaining(`no credentials of ${owner}`),
  });
  const local = 's3://farm?endpoint=http://localhost:1';
  expect(await failureOf(local)).toMatchObject(lacking('this machine'));
  expect(await failureOf(`${local}&profile=jen`)).toMatchObject(lacking('profile jen'));
  expect(await failureOf('s3://farm')).toMatchObject({
    message: expect.stringContaining('AWS_REGION'),
  });
  // The profile counts, and nothing but the error says so: no word of the client is printed.
  const warned = vi.spyOn(console, 'warn');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
  expect(await failureOf(`${local}&profile=jen`)).toMatchObject(lacking('profile jen'));
  vi.stubEnv('AWS_PROFILE', 'ann');
  expect(await failureOf(local, { AWS_PROFILE: 'ann' })).toMatchObject(lacking('profile ann'));
  expect(await failureOf(`${local}&profile=jen`, { AWS_PROFILE: 'ann' })).toMatchObject(
    lacking('profile jen'),
  );
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
  vi.unstubAllEnvs();
});

test('only registries on this machine are reached without TLS', () => {
  const originOf = (address: string) => parseOciAddress(address)?.base.origin;
  expect(originOf('oci://localhost:5000/a')).toBe('http://localhost:5000');
  expect(originOf('oci://127.0.0.1:5000/a')).toBe('http://127.0.0.1:5000');
  expect(originOf('oci://localhost.example:5000/a')).toBe('https://localhost.example:5000');
  expect(originOf('oci://ghcr.io/jen/store')).toBe('https://ghcr.io');
});

test('an S3 address may name a prefix, an endpoint, a region and a profile', () => {
  expect(parseS3Address('s3://farm', {})).toMatchObject({ prefix: '', pathStyle: false });
  expect(parseS3Address('s3://farm/a/b/', {})).toMatchObject({ bucket: 'farm', prefix: 'a/b/' });
  const endpoint = 'https://s3.farm.example';
  expect(parseS3Address(`s3://farm?endpoint=${endpoint}&region=eu-west-1&profile=jen`, {})).toEqual(
    {
      bucket: 'farm',
      prefix: '',
      endpoint,
      region: 'eu-west-1',
      profile: 'jen',
      pathStyle: true,
    },
  );
  expect(parseS3Address('s3://farm', { AWS_ENDPOINT_URL_S3: endpoint })).toMatchObject({
    endpoint,
    pathStyle: true,
  });
  expect(parseS3Address(`s3://farm?endpoint=${endpoint}&style=virtual`, {})).toMatchObject({
    pathStyle: false,
  });
});

test.each([
  ['s3://b', /has no bucket by its name/],
  ['s3://my_Bucket?endpoint=http://localhost:1', /has no bucket by its name/],
  ['s3://farm?regoin=x', /unknown option "regoin"; known are endpoint, region, profile, style/],
  ['s3://farm?endpoint=localhost', /has an endpoint that is no http/],
  ['s3://farm?endpoint=http://localhost:1&style=foo', /style that is neither path nor virtual/],
  ['s3://', /is not of the form s3:\/\/<bucket>/],
  ['oci://ghcr.io/Jen/store', /has capitals in its repository/],
  ['oci://ghcr.io', /is not of the form oci:/],
])('what is wrong with %s is named', async (address, reason) => {
  await expect(addressOf({}, address)).rejects.toThrow(reason);
});

test('a challenge is read whatever its case, order and quotes', () => {
  expect(
    parseChallenge(
      'Bearer scope="repository:a:pull,push", realm="https://t/token" ,service=ghcr.io',
    ),
  ).toEqual({
    scheme: 'bearer',
    realm: 'https://t/token',
    service: 'ghcr.io',
    scope: 'repository:a:pull,push',
  });
  expect(parseChallenge('BASIC realm="farm"')).toEqual({ scheme: 'basic' });
  expect(parseChallenge('Negotiate')).toBeUndefined();
  expect(parseChallenge('Bearer service="no-realm"')).toBeUndefined();
  expect(parseChallenge(null)).toBeUndefined();
});

test('every key of a store has a tag, and every such tag its key', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/);
  const folder = fc.constantFrom('packs', 'objects', 'records', 'datasets', 'models');
  fc.assert(
    fc.property(folder, name, (inside, file) => {
      const tag = tagOfKey(`${inside}/${file}`) ?? '';
      expect(tag).toMatch(/^[\w][\w.-]{0,127}$/);
      expect(keyOfTag(tag)).toBe(`${inside}/${file}`);
    }),
  );
  for (const tag of ['latest', 'sha256-0123', 'v1']) expect(keyOfTag(tag)).toBeUndefined();
});
