import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Config, parseConfig, readConfig, variables } from '../../../serving/config.ts';
import { parseHeaders } from '../../../serving/logs/parse-headers.ts';

test('every setting has a safe default', () => {
  expect(readConfig([], {})).toMatchObject({
    root: process.cwd(),
    host: '127.0.0.1',
    port: 8080,
    model: '',
    feedbackFolder: join(process.cwd(), '.mainstem/feedback'),
    drainSeconds: 0,
  });
});

test('environment variables are converted to the type of their setting', () => {
  const config = readConfig([], { PORT: '9000', MAINSTEM_DRAIN_SECONDS: '2.5', LOG_LEVEL: 'warn' });
  expect(config).toMatchObject({ port: 9000, drainSeconds: 2.5, logLevel: 'warn' });
});

test('the command line overrides the environment', () => {
  expect(readConfig(['--port', '1'], { PORT: '2' }).port).toBe(1);
});

test('gRPC has no port unless one is set, and the command line overrides the environment', () => {
  expect(readConfig([], {})).not.toHaveProperty('grpcPort');
  expect(readConfig([], { GRPC_PORT: '' })).not.toHaveProperty('grpcPort');
  expect(readConfig([], { GRPC_PORT: '8081' }).grpcPort).toBe(8081);
  expect(readConfig(['--grpc-port', '0'], { GRPC_PORT: '8081' }).grpcPort).toBe(0);
});

test.each([
  ['PORT', '70000'],
  ['GRPC_PORT', '70000'],
  ['GRPC_PORT', 'auto'],
  ['PORT', 'eighty'],
  ['MAINSTEM_WORKERS', '0'],
  ['LOG_LEVEL', 'loud'],
  ['MAINSTEM_FOLLOW', 'branch'],
  ['MAINSTEM_FOLLOW_GIT', '--upload-pack=x'],
  ['MAINSTEM_FOLLOW_BRANCH', '-x'],
  ['MAINSTEM_FOLLOW_BRANCH', 'a..b'],
  ['MAINSTEM_FOLLOW_BRANCH', 'a b'],
  ['MAINSTEM_FOLLOW_BRANCH', '*'],
  ['MAINSTEM_FOLLOW_FETCH_SECONDS', '0'],
  ['MAINSTEM_LOG_FORMAT', 'xml'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'brotli'],
])('%s=%s is refused by its name', (variable, value) => {
  const read = () => readConfig([], { [variable]: value });
  expect(read).toThrow(expect.objectContaining({ code: 'SERVING_CONFIG_INVALID' }));
  expect(read).toThrow(variable);
});

const settings = Object.entries(Config.properties).map(([name, schema]) => ({
  ...{ name: name as keyof typeof variables, type: String(Reflect.get(schema, 'type')) },
}));
const numeric = settings.filter(({ type }) => type === 'integer' || type === 'number');
const odd = [
  'true',
  '0x10',
  '1e3',
  ' 5',
  '5 ',
  '+5',
  '-0',
  '−0',
  'NaN',
  'Infinity',
  '5,5',
  '1_000',
  '٣',
];

test.each(numeric)('$name takes numbers in plain digits and nothing else', ({ name, type }) => {
  const huge = ['9007199254740992', '9'.repeat(400)];
  const refused = type === 'integer' ? [...odd, '1.5', '5.0', ...huge] : [...odd, '1.2.3', ...huge];
  for (const value of refused)
    expect(() => readConfig([], { [variables[name]]: value }), value).toThrow(
      expect.objectContaining({
        code: 'SERVING_CONFIG_INVALID',
        message: expect.stringContaining(variables[name]),
      }),
    );
});

test.each(numeric)('$name is a number of its own kind however it is set', ({ name, type }) => {
  const plain = Number(readConfig([], {})[name] ?? 8081);
  expect(readConfig([], { [variables[name]]: String(plain) })[name]).toBe(plain);
  for (const value of [true, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, null, [plain]])
    expect(() => parseConfig({ root: '.', [name]: value }), String(value)).toThrow(/must be/);
  if (type === 'integer') expect(() => parseConfig({ root: '.', [name]: plain + 0.5 })).toThrow();
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://[bad'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://farm.example:99999'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://'],
  ['MAINSTEM_HOSTS', '[bad'],
  ['MAINSTEM_HOSTS', 'farm.example,a:b:c:z'],
  ['MAINSTEM_HOSTS', 'farm.example:port'],
  ['MAINSTEM_ORIGINS', 'https://[bad'],
  ['MAINSTEM_PROXIES', '10.0.0.0/33'],
])('%s=%s is not an address, and refused at the start', (variable, value) => {
  expect(() => readConfig([], { [variable]: value })).toThrow(variable);
});

test.each([
  ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key=%zzhush'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key=hush%0Aother: 1'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'api key=hush'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://jen:hush@localhost:4318'],
])('%s is refused without what is secret in it: %s', (variable, value) => {
  const read = () => readConfig([], { [variable]: value });
  expect(read).toThrow(variable);
  expect(read).not.toThrow('hush');
});

test('headers for a collector are what OpenTelemetry writes into its variable', () => {
  expect(parseHeaders('')).toEqual({});
  expect(parseHeaders(' API-Key = a%20b= ,x-team=farm,')).toEqual({
    ...{ 'api-key': 'a b=', 'x-team': 'farm' },
  });
});

test('a format of the log that is unknown is refused with the list of those that are known', () => {
  const read = () => readConfig([], { MAINSTEM_LOG_FORMAT: 'logfmt' });
  for (const format of ['pino', 'ecs', 'gelf', 'fluentd']) expect(read).toThrow(format);
  expect(readConfig([], {}).logFormat).toBe('pino');
  expect(readConfig([], { MAINSTEM_LOG_FORMAT: 'gelf' }).logFormat).toBe('gelf');
});

test.each(['127.0.0.1', '127.8.0.1', 'localhost', '::1'])('feedback is on at %s', (host) => {
  expect(readConfig(['--host', host], {}).feedbackBytes).toBe(1024 ** 3);
});

test.each(['0.0.0.0', '::', '192.168.1.7', 'pumpkins.example', '127.0.0.1.example', '0'])(
  'feedback is off at %s, which others can reach, unless it is asked for',
  (host) => {
    expect(readConfig([], { HOST: host }).feedbackBytes).toBe(0);
    const asked = { HOST: host, MAINSTEM_FEEDBACK_BYTES: '5000' };
    expect(readConfig([], asked).feedbackBytes).toBe(5000);
  },
);

test('feedback can be turned off', () => {
  expect(readConfig([], { MAINSTEM_FEEDBACK_BYTES: '0' }).feedbackBytes).toBe(0);
});

test('every setting has its own environment variable', () => {
  const keys = Object.keys(Config.properties);
  expect(Object.keys(variables).sort()).toEqual(keys.sort());
  expect(new Set(Object.values(variables)).size).toBe(keys.length);
});

test('the prediction log is off unless it is asked for, and then by digest, within bounds', () => {
  expect(readConfig([], {})).toMatchObject({
    predictionLog: 'off',
    predictionInputs: 'digest',
    predictionBytes: 1024 ** 3,
    predictionDays: 30,
    predictionFolder: join(process.cwd(), '.mainstem/predictions'),
  });
  const asked = { MAINSTEM_PREDICTION_LOG: 'sample', MAINSTEM_PREDICTION_SHARE: '0.5' };
  expect(readConfig([], asked)).toMatchObject({ predictionLog: 'sample', predictionShare: 0.5 });
});

test.each([
  ['MAINSTEM_PREDICTION_LOG', 'on'],
  ['MAINSTEM_PREDICTION_SHARE', '0'],
  ['MAINSTEM_PREDICTION_SHARE', '1.5'],
  ['MAINSTEM_PREDICTION_INPUTS', 'photos'],
  ['MAINSTEM_PREDICTION_BYTES', '1000'],
  ['MAINSTEM_PREDICTION_DAYS', '0'],
])('%s=%s is refused by its name', (name, value) => {
  expect(() => readConfig([], { [name]: value })).toThrow(name);
});

test.each([['--help'], ['-h'], ['--prot', '8080'], ['--port'], ['extra']])(
  'the command line %j is refused with the options that there are',
  (...args) => {
    expect(() => readConfig(args, {})).toThrow(
      expect.objectContaining({
        code: 'SERVING_OPTION_INVALID',
        exitCode: 2,
        hint: expect.stringContaining('--root, --host, --port, --grpc-port, --model'),
      }),
    );
  },
);

test('a root that is not there, and files in the place of folders, are refused at the start', () => {
  const file = fileURLToPath(import.meta.url);
  expect(() => readConfig(['--root', '/nowhere/farm'], {})).toThrow(/a folder that is there/);
  expect(() => readConfig(['--root', file], {})).toThrow(/a folder that is there/);
  for (const name of ['featuresFolder', 'feedbackFolder', 'predictionFolder'] as const) {
    expect(() => readConfig([], { [variables[name]]: file }), name).toThrow(/must be a folder/);
    expect(() => readConfig([], { [variables[name]]: '/nowhere/farm' }), name).not.toThrow();
  }
});

test.each(['a b;c', 'farm.example, two words', 'https://farm.example'])(
  'host names that are none are refused: %s',
  (hosts) => {
    expect(() => readConfig([], { MAINSTEM_HOSTS: hosts })).toThrow(/MAINSTEM_HOSTS is/);
  },
);

test.each(['*', 'farm.example', 'farm.example:8080, [::1]', '10.0.0.7'])(
  'host names are taken: %s',
  (hosts) => {
    expect(readConfig([], { MAINSTEM_HOSTS: hosts }).hosts).toBe(hosts);
  },
);

test('branches with slashes and dots can be followed', () => {
  for (const name of ['main', 'release/1.2', 'jen/try_3', 'ümlaut'])
    expect(readConfig([], { MAINSTEM_FOLLOW_BRANCH: name }).followBranch).toBe(name);
});

test('a remote is followed only with the key of who publishes', () => {
  const read = () => readConfig([], { MAINSTEM_FOLLOW: 'remote' });
  expect(read).toThrow('MAINSTEM_FOLLOW_KEY');
  expect(readConfig([], { MAINSTEM_FOLLOW: 'remote', MAINSTEM_FOLLOW_KEY: 'k' }).follow).toBe(
    'remote',
  );
});
