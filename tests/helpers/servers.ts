import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { stopProcess } from './stop-process.ts';
import { dockerRegistry, goPrograms, moto } from './tools.ts';

/** A server on this machine, started for a test. */
export interface Server {
  /** For example `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Where it keeps its data. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** A server that may be installed. */
export interface Installable {
  readonly name: string;
  /** Whether `npm run test:setup` has put it here. */
  readonly found: boolean;
  start(): Promise<Server>;
}

/** Debian's docker-registry 2.8: blobs in a folder, no referrers API. */
export const debianRegistry = {
  name: 'docker-registry',
  found: existsSync(dockerRegistry),
  start: (auth = '') =>
    startIn(async (folder) => {
      await writeFile(join(folder, 'config.yml'), registryConfig(folder, auth));
      return [dockerRegistry, 'serve', join(folder, 'config.yml')];
    }, /listening on 127\.0\.0\.1:(\d+)/),
} as const satisfies Installable;

/** The registry of go-containerregistry: in memory, with the referrers API. */
export const goRegistry: Installable = {
  name: 'go-containerregistry',
  found: existsSync(goPrograms.registry),
  start: () => startIn(async () => [goPrograms.registry], /listening on (\d+)/),
};

/** gofakes3, the S3 server of rclone. */
export const gofakes3: Installable = {
  name: 'gofakes3',
  found: existsSync(goPrograms.gofakes3),
  start: () =>
    startIn(
      async () => [goPrograms.gofakes3, '-backend', 'memory', '-host', '127.0.0.1:0'],
      /using port: (\d+)/,
    ),
};

/** moto, the S3 server that Python projects test with. */
export const motoServer: Installable = {
  name: 'moto',
  found: existsSync(moto.program),
  start: () =>
    startIn(
      async () => [moto.python, moto.program, '-H', '127.0.0.1', '-p', '0'],
      /Running on http:\/\/127\.0\.0\.1:(\d+)/,
    ),
};

/**
 * OpenTelemetry's collector with its receiver of OTLP over HTTP. In its folder `record` has what it took, and `refuse` may hold how it
 * refuses: a status of gRPC, and after how many seconds it may be asked again.
 *
 * @param port where an earlier one was; any that is free without
 */
export const collector = {
  name: 'collector',
  found: existsSync(goPrograms.collector),
  start: async (port?: string) => {
    const at = port ?? (await freePort());
    return startIn(async (folder) => {
      await writeFile(join(folder, 'config.yaml'), collectorConfig(folder, at));
      return [goPrograms.collector, '--config', join(folder, 'config.yaml')];
    }, /endpoint": "127\.0\.0\.1:(\d+)"[\s\S]*Everything is ready/);
  },
} as const satisfies Installable;

function collectorConfig(folder: string, port: string): string {
  return `receivers:
  otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}', include_metadata: true } } }
exporters:
  record: { record: ${join(folder, 'record')}, refuse: ${join(folder, 'refuse')} }
service:
  pipelines: { traces: { receivers: [otlp], exporters: [record] } }
  telemetry: { metrics: { level: none } }
`;
}

/**
 * It would not tell a port of the system's choice. One below those that the system chooses stays free between a stop and the next
 * start.
 */
async function freePort(): Promise<string> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return String(port);
  }
}

/** Credentials that every local S3 server takes, in the variables of the AWS tools. */
export const localCredentials = {
  AWS_ACCESS_KEY_ID: 'mainstem',
  AWS_SECRET_ACCESS_KEY: 'mainstem-secret',
  AWS_REGION: 'us-east-1',
};

/** Makes a bucket. */
export async function createBucket(endpoint: string, bucket: string): Promise<void> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } =
    localCredentials;
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}

function registryConfig(folder: string, auth: string): string {
  return `version: 0.1
log: { level: info }
storage:
  filesystem: { rootdirectory: ${join(folder, 'data')} }
  delete: { enabled: true }
http: { addr: '127.0.0.1:0', secret: 'one secret for all restarts' }
${auth}
`;
}

/** Starts what `prepare` names, in a folder of its own, and waits until it prints its port. */
async function startIn(
  prepare: (folder: string) => Promise<string[]>,
  ready: RegExp,
): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-server-'));
  await mkdir(join(folder, 'data'));
  const [program = '', ...args] = await prepare(folder);
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none', PYTHONUNBUFFERED: '1' };
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const port = await readPort(child, ready);
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    async stop() {
      await stopProcess(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readPort(child: ChildProcess, ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (text: Buffer) => {
      // Later lines are logs of requests; nobody needs them.
      if (said.length < 100_000) said += text.toString();
      const port = ready.exec(said)?.[1];
      if (port) resolve(port);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
}
