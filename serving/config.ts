import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Static, Type } from 'typebox';
import { MainstemError } from '../platform/lib/errors.ts';
import { firstSentence } from '../platform/lib/parse-script.ts';
import { readEnvironment } from '../platform/lib/read-environment.ts';
import { findSchemaFault } from '../platform/lib/schema-fault.ts';
import { servedPixels } from '../platform/lib/served-photos.ts';
import { keysFile } from '../platform/schemas/access-names.ts';
import { hostName } from './host-name.ts';
import { parseHeaders } from './logs/parse-headers.ts';
import { readNumbers } from './read-numbers.ts';

/** A whole number that JavaScript holds exactly, whatever is asked for. */
const whole = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  Type.Integer({
    ...{ minimum, maximum },
    allowed: `a whole number from ${minimum} to ${maximum}, in digits`,
  });

/** All settings of a server. */
export const Config = Type.Object({
  /** The repository, or a folder with its `models` and `.mainstem/store`. */
  root: Type.String({ minLength: 1 }),
  host: Type.String({ minLength: 1 }),
  /** 0 takes any free port. */
  port: whole(0, 65_535),
  /** Where gRPC of the Open Inference Protocol listens; 0 takes any free port, and unset there is none. */
  grpcPort: Type.Optional(whole(0, 65_535)),
  /** The model behind `/predict` and the page; '' for the first by name. */
  model: Type.String(),
  /** Bytes that the networks of all models may take in memory; 0 for no bound. Those that do not fit are loaded when they are needed. */
  modelsMemory: whole(0),
  /** Models that are loaded before anybody asks for them: names, separated by commas; `*` for all, or as many as fit; `none`. */
  preload: Type.String({ minLength: 1 }),
  /** Models that are loaded before the server is ready and never make room for others: names, separated by commas. */
  pinned: Type.String(),
  /** Seconds for which a request waits until its model is loaded. */
  loadSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 600 }),
  /** Seconds between two looks at the pointers, whose versions then answer without a restart; 0 for what they name at the start. */
  followSeconds: Type.Number({ minimum: 0, maximum: 3600 }),
  /** What is followed: the files of the folder, a branch of a git remote, or what `mainstem publish` wrote of one into a remote. */
  follow: Type.Enum(['files', 'git', 'remote']),
  /** The git remote: the name of one of the repository in `root`, or an address. */
  followGit: Type.String({
    pattern: '^[^\\s-][^\\s]*$',
    allowed: 'the name of a git remote, or an address without blanks',
  }),
  /** The branch that is followed. */
  followBranch: Type.String({
    pattern: '^(?![-/.])(?!.*(\\.\\.|//|@\\{))[^\\s~^:?*\\[\\\\]+(?<![./])$',
    allowed: 'the name of a branch, such as main',
  }),
  /** The remote that a branch is published in; '' for the one of the store. */
  followRemote: Type.String(),
  /** The public key of who publishes: Ed25519, in PEM or the base64 in it. */
  followKey: Type.String(),
  /** Seconds between two looks at the branch; while they fail up to 300. */
  followFetchSeconds: Type.Number({ minimum: 1, maximum: 3600 }),
  /** Seconds that git may take for one request, or a look at a remote. */
  followTimeoutSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 3600 }),
  /** Where the pointers and records of the branch are kept, relative to the root. */
  followFolder: Type.String({ minLength: 1 }),
  /** Threads that compute; each holds every model that is loaded. */
  workers: whole(1, 64),
  /** Host names that requests may name, separated by commas, or `*`; '' for the server's own on loopback, else any. */
  hosts: Type.String(),
  /** The file with the digests of access keys, relative to the root. It may be missing. */
  keys: Type.String({ minLength: 1 }),
  /** `auto` asks for keys where there are any, and answers everybody on loopback only; `keys` always asks; `open` never. */
  access: Type.Enum(['auto', 'keys', 'open']),
  /** Who issues the JSON Web Tokens that are accepted (claim `iss`); '' for none. */
  jwtIssuer: Type.String(),
  /** Whom tokens must be issued for (claim `aud`). */
  jwtAudience: Type.String(),
  /** Address of the issuer's public keys. */
  jwks: Type.String(),
  /** Signs the cookies of logins, for several servers alike; '' for one that ends with the process. */
  sessionSecret: Type.String({ pattern: '^(.{32,})?$', allowed: '32 or more characters' }),
  /** The folder that says which logins have ended, for all servers with one secret, relative to the root. */
  endedSessions: Type.String({ minLength: 1 }),
  /** Other web sites whose pages may call this server with a key, separated by commas: `https://farm.example`. */
  origins: Type.String(),
  /** Addresses of proxies, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  proxies: Type.String(),
  /** Requests that may be read, wait and be computed at once; further ones are refused with 503 before they are read. */
  queue: whole(1),
  /** Largest body of a request in bytes: all photos of a form together. JSON is limited by what its model takes, too. */
  bodyBytes: whole(1024),
  /** Bytes of all bodies in memory at once; requests beyond them are refused with 503. */
  bytesInFlight: whole(1024),
  /** Most pixels of a photo; four times as many in a JPEG that is not progressive, which is decoded at reduced size. */
  pixels: whole(1024),
  /** Pixels to decode of all requests at once: beyond them 503, or 413 where one request alone holds more. */
  pixelsInFlight: whole(1024),
  /** Seconds that libvips may take to decode a photo; the bytes and pixels of a plain JPEG bound its time. */
  decodeSeconds: whole(1, 600),
  /** Most photos in one request. */
  files: whole(1, 1000),
  /** Most rows in one request: of a table, or the first dimension of a tensor. */
  rows: whole(1),
  /** Explanations that are computed at once; 0 for none at all. */
  explanations: whole(0, 64),
  /** Seconds that an explanation may take. */
  explainSeconds: whole(1, 600),
  /** Most values in a JSON body, whatever the model takes: numbers, texts, lists. */
  values: whole(100),
  /** Where the snapshots are that features are looked up in, relative to the root. */
  featuresFolder: Type.String({ minLength: 1 }),
  /** Where corrections are stored, relative to the root. */
  feedbackFolder: Type.String({ minLength: 1 }),
  /** Disk space that feedback may take; 0 turns feedback off, as it is unless the host is a loopback address. */
  feedbackBytes: whole(0),
  /** Corrections of one model that are stored on one day. */
  feedbackDaily: whole(1),
  /** Whether answers are kept: none, a share of them, or all. */
  predictionLog: Type.Enum(['off', 'sample', 'full']),
  /** The share that is kept of a `sample`. */
  predictionShare: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  /** What is kept of a row: its digest, or its values, too. Of photos and tensors it is always the digest. */
  predictionInputs: Type.Enum(['digest', 'values']),
  /** Where answers are kept, relative to the root. */
  predictionFolder: Type.String({ minLength: 1 }),
  /** Disk space that kept answers may take; the oldest go first. */
  predictionBytes: whole(1024 ** 2),
  /** Days for which answers are kept. */
  predictionDays: whole(1, 3650),
  /** Seconds between "not ready" and closing, so that a load balancer stops sending first. */
  drainSeconds: Type.Number({ minimum: 0, maximum: 600 }),
  /** Least severe level that is logged. */
  logLevel: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']),
  /** How a line is written: pino's JSON, or what Elasticsearch (ECS), Graylog (GELF) or Fluentd reads. */
  logFormat: Type.Enum(['pino', 'ecs', 'gelf', 'fluentd']),
  /** Where spans go, by OTLP over HTTP: a collector's address such as http://localhost:4318; '' for nowhere. */
  otlpEndpoint: Type.String({
    pattern: '^(https?://[^\\s?#@]+)?$',
    allowed: 'an address that begins with http:// or https://, without a password',
  }),
  /** Headers for the collector, as `name=value` with commas between them, values percent-encoded. */
  otlpHeaders: Type.String(),
  /** How what is sent to the collector is compressed. */
  otlpCompression: Type.Enum(['none', 'gzip']),
  /** Name of the service in its spans. */
  serviceName: Type.String({ minLength: 1, maxLength: 255 }),
});
export type Config = Static<typeof Config>;

/** Setting → environment variable. */
export const variables = {
  root: 'MAINSTEM_ROOT',
  host: 'HOST',
  port: 'PORT',
  grpcPort: 'GRPC_PORT',
  model: 'MAINSTEM_MODEL',
  modelsMemory: 'MAINSTEM_MODELS_MEMORY',
  preload: 'MAINSTEM_PRELOAD',
  pinned: 'MAINSTEM_PINNED',
  loadSeconds: 'MAINSTEM_LOAD_SECONDS',
  followSeconds: 'MAINSTEM_FOLLOW_SECONDS',
  follow: 'MAINSTEM_FOLLOW',
  followGit: 'MAINSTEM_FOLLOW_GIT',
  followBranch: 'MAINSTEM_FOLLOW_BRANCH',
  followRemote: 'MAINSTEM_FOLLOW_REMOTE',
  followKey: 'MAINSTEM_FOLLOW_KEY',
  followFetchSeconds: 'MAINSTEM_FOLLOW_FETCH_SECONDS',
  followTimeoutSeconds: 'MAINSTEM_FOLLOW_TIMEOUT_SECONDS',
  followFolder: 'MAINSTEM_FOLLOW_FOLDER',
  workers: 'MAINSTEM_WORKERS',
  hosts: 'MAINSTEM_HOSTS',
  keys: 'MAINSTEM_KEYS',
  access: 'MAINSTEM_ACCESS',
  jwtIssuer: 'MAINSTEM_JWT_ISSUER',
  jwtAudience: 'MAINSTEM_JWT_AUDIENCE',
  jwks: 'MAINSTEM_JWT_JWKS',
  sessionSecret: 'MAINSTEM_SESSION_SECRET',
  endedSessions: 'MAINSTEM_ENDED_SESSIONS',
  origins: 'MAINSTEM_ORIGINS',
  proxies: 'MAINSTEM_PROXIES',
  queue: 'MAINSTEM_QUEUE',
  bodyBytes: 'MAINSTEM_BODY_BYTES',
  bytesInFlight: 'MAINSTEM_BYTES_IN_FLIGHT',
  pixels: 'MAINSTEM_PIXELS',
  pixelsInFlight: 'MAINSTEM_PIXELS_IN_FLIGHT',
  decodeSeconds: 'MAINSTEM_DECODE_SECONDS',
  files: 'MAINSTEM_FILES',
  rows: 'MAINSTEM_ROWS',
  explanations: 'MAINSTEM_EXPLANATIONS',
  explainSeconds: 'MAINSTEM_EXPLAIN_SECONDS',
  values: 'MAINSTEM_VALUES',
  featuresFolder: 'MAINSTEM_FEATURES_FOLDER',
  feedbackFolder: 'MAINSTEM_FEEDBACK_FOLDER',
  feedbackBytes: 'MAINSTEM_FEEDBACK_BYTES',
  feedbackDaily: 'MAINSTEM_FEEDBACK_DAILY',
  predictionLog: 'MAINSTEM_PREDICTION_LOG',
  predictionShare: 'MAINSTEM_PREDICTION_SHARE',
  predictionInputs: 'MAINSTEM_PREDICTION_INPUTS',
  predictionFolder: 'MAINSTEM_PREDICTION_FOLDER',
  predictionBytes: 'MAINSTEM_PREDICTION_BYTES',
  predictionDays: 'MAINSTEM_PREDICTION_DAYS',
  drainSeconds: 'MAINSTEM_DRAIN_SECONDS',
  logLevel: 'LOG_LEVEL',
  logFormat: 'MAINSTEM_LOG_FORMAT',
  otlpEndpoint: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  otlpHeaders: 'OTEL_EXPORTER_OTLP_HEADERS',
  otlpCompression: 'OTEL_EXPORTER_OTLP_COMPRESSION',
  serviceName: 'OTEL_SERVICE_NAME',
} as const satisfies Record<keyof Config, string>;

const defaults = {
  root: '.',
  host: '127.0.0.1',
  port: 8080,
  model: '',
  modelsMemory: 0,
  preload: '*',
  pinned: '',
  loadSeconds: 30,
  followSeconds: 1,
  follow: 'files',
  followGit: 'origin',
  followBranch: 'main',
  followRemote: '',
  followKey: '',
  followFetchSeconds: 15,
  followTimeoutSeconds: 60,
  followFolder: '.mainstem/followed',
  hosts: '',
  keys: keysFile,
  access: 'auto',
  jwtIssuer: '',
  jwtAudience: '',
  jwks: '',
  sessionSecret: '',
  endedSessions: '.mainstem/ended-sessions',
  origins: '',
  proxies: '',
  queue: 128,
  bodyBytes: 24 * 1024 * 1024,
  bytesInFlight: 192 * 1024 * 1024,
  pixels: servedPixels,
  pixelsInFlight: 100_000_000,
  decodeSeconds: 10,
  files: 16,
  rows: 1000,
  explanations: 1,
  explainSeconds: 10,
  values: 1_000_000,
  featuresFolder: '.mainstem/features',
  feedbackFolder: '.mainstem/feedback',
  feedbackDaily: 1000,
  predictionLog: 'off',
  predictionShare: 0.1,
  predictionInputs: 'digest',
  predictionFolder: '.mainstem/predictions',
  predictionBytes: 1024 ** 3,
  predictionDays: 30,
  drainSeconds: 0,
  logLevel: 'info',
  logFormat: 'pino',
  otlpEndpoint: '',
  otlpHeaders: '',
  otlpCompression: 'none',
  serviceName: 'mainstem',
} as const satisfies Partial<Config>;

/**
 * Reads the settings: the command line (`--root --host --port --grpc-port --model`) overrides the environment, which overrides
 * the defaults.
 *
 * @throws MainstemError SERVING_CONFIG_INVALID naming the environment variable
 * @throws MainstemError SERVING_OPTION_INVALID for an option that there is not
 * @example readConfig(['--port', '0'], { LOG_LEVEL: 'warn' }).logLevel // 'warn'
 */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const { 'grpc-port': grpcPort, ...named } = parseOptions(args);
  const set = readEnvironment(variables, environment);
  const config = parseConfig({ ...set, ...named, ...(grpcPort ? { grpcPort } : {}) });
  assertFolder(config, 'root', true);
  for (const key of [
    'featuresFolder',
    'feedbackFolder',
    'predictionFolder',
    'followFolder',
  ] as const)
    assertFolder(config, key, false);
  return config;
}

/** What is in a folder's place would be met by the first request. @param isNeeded before anything is served */
function assertFolder(
  config: Config,
  key: 'root' | 'featuresFolder' | 'feedbackFolder' | 'predictionFolder' | 'followFolder',
  isNeeded: boolean,
): void {
  const found = statSync(config[key], { throwIfNoEntry: false });
  if (found ? found.isDirectory() : !isNeeded) return;
  throw invalid(key, config, isNeeded ? 'a folder that is there' : 'a folder');
}

function parseOptions(args: readonly string[]) {
  const option = { type: 'string' } as const;
  const options = { root: option, host: option, port: option, 'grpc-port': option, model: option };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const known = Object.keys(options)
      .map((name) => `--${name}`)
      .join(', ');
    throw new MainstemError('SERVING_OPTION_INVALID', { reason: firstSentence(error), known });
  }
}

/**
 * Converts and checks settings, and fills in defaults; folders become absolute.
 *
 * @throws MainstemError SERVING_CONFIG_INVALID naming the environment variable
 * @example parseConfig({ root: '/srv', port: '8081' }).port // 8081
 */
export function parseConfig(settings: Readonly<Record<string, unknown>>): Config {
  const workers = Math.min(availableParallelism(), 4);
  const feedbackBytes = isLoopback(settings.host ?? defaults.host) ? 1024 ** 3 : 0;
  const merged = readNumbers(Config, { ...defaults, workers, feedbackBytes, ...settings });
  const fault = findSchemaFault(Config, merged);
  if (fault) throw invalid(fault.key, settings, fault.allowed);
  const config = merged as Config;
  assertTokens(config);
  assertAddresses(config);
  assertHeaders(config);
  if (config.follow === 'remote' && config.followKey === '')
    throw invalid(
      'followKey',
      config,
      'the public key of who publishes, since MAINSTEM_FOLLOW is remote',
    );
  const root = resolve(config.root);
  return {
    ...config,
    root,
    featuresFolder: resolve(root, config.featuresFolder),
    feedbackFolder: resolve(root, config.feedbackFolder),
    predictionFolder: resolve(root, config.predictionFolder),
    followFolder: resolve(root, config.followFolder),
  };
}

/** What an error says of settings whose value it must not show. */
const secrets: ReadonlyMap<string, { readonly value: string; readonly allowed: string }> = new Map([
  [
    'sessionSecret',
    { value: 'not as long as it must be', allowed: '32 or more random characters' },
  ],
  [
    'otlpHeaders',
    {
      value: 'not a list of headers',
      allowed: 'name=value, with commas between several and values percent-encoded',
    },
  ],
]);

/** Of an address, as in https://jen:secret@farm.example. */
function hideCredentials(text: string | undefined): string | undefined {
  return text?.replace(/\/\/[^/@\s]*@/g, '//…@');
}

/** @param allowed with or without "must be" */
function invalid(
  key: string,
  settings: Readonly<Record<string, unknown>>,
  allowed: string,
): MainstemError {
  const secret = secrets.get(key);
  return new MainstemError('SERVING_CONFIG_INVALID', {
    key: Object.entries(variables).find(([name]) => name === key)?.[1] ?? key,
    value: secret?.value ?? hideCredentials(JSON.stringify(settings[key])),
    allowed: secret?.allowed ?? allowed.replace(/^must be /, ''),
  });
}

function assertHeaders(config: Config): void {
  try {
    parseHeaders(config.otlpHeaders);
  } catch {
    throw invalid('otlpHeaders', config, '');
  }
}

/** Tokens need all three settings, and keys that nobody on the way can exchange. */
function assertTokens(config: Config): void {
  const { jwtIssuer, jwtAudience, jwks } = config;
  const set = [jwtIssuer, jwtAudience, jwks].filter((value) => value !== '');
  if (set.length === 0) return;
  for (const key of ['jwtIssuer', 'jwtAudience', 'jwks'] as const)
    if (config[key] === '')
      throw invalid(key, config, 'set, as the other two of MAINSTEM_JWT_* are');
  const url = URL.parse(jwks);
  const safe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!safe) throw invalid('jwks', config, 'an address that begins with https://');
}

function assertAddresses(config: Config): void {
  const { otlpEndpoint } = config;
  if (otlpEndpoint !== '' && URL.parse(otlpEndpoint) === null)
    throw invalid('otlpEndpoint', config, 'an address such as http://localhost:4318');
  for (const host of listOf(config.hosts))
    if (!/^(\*|[\w.:[\]-]+)$/.test(host) || hostName(host) === null)
      throw invalid('hosts', config, '"*", or names such as farm.example, separated by commas');
  for (const origin of listOf(config.origins))
    if (URL.parse(origin)?.origin !== origin)
      throw invalid('origins', config, 'origins such as https://farm.example, separated by commas');
  for (const proxy of listOf(config.proxies))
    if (!isAddress(proxy))
      throw invalid(
        'proxies',
        config,
        'IP addresses or ranges such as 10.0.0.0/8, separated by commas',
      );
}

/** A network's address, or a range of them. */
function isAddress(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  return (
    version > 0 &&
    more.length === 0 &&
    (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
  );
}

/** The parts of a setting that lists several. */
export function listOf(text: string): string[] {
  return text.split(',').flatMap((part) => part.trim() || []);
}

/** Only programs of this machine reach such a host, so nobody else can fill its disk or needs a key. */
export function isLoopback(host: unknown): boolean {
  return typeof host === 'string' && /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}
