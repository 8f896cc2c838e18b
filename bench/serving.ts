// How fast the server answers, beside servers that people would use instead, all at the loopback address and in one run: a
// small and a large photo against FastAPI and BentoML with Pillow and ONNX Runtime, a tensor as JSON, as bytes and over gRPC
// against MLServer.
// Contenders take turns; the table shows medians of the rounds. First each is asked for more than it can give, then at 30 %
// of that, whatever it answers, counted from when each request was due. Writes to a throw-away folder. Takes 2 to 4 minutes, at most 8.
//   node_modules/node/bin/node bench/serving.ts
//   --fastapi <folder>    a venv with fastapi uvicorn[standard] python-multipart onnxruntime pillow; default: it is skipped
//   --bentoml <folder>    a venv with bentoml onnxruntime pillow; default: it is skipped
//   --mlserver <folder>   a venv with mlserver onnxruntime 'uvloop<0.22' (its workers fail with later ones); default: it is skipped
//   --processes           Mainstem as a process for each core, too
//   --rounds <n>          default 3
//   --seconds <n>         of each measurement (default 4)
import { spawnSync } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { writeJson } from '../platform/lib/json-file.ts';
import { parseScript } from '../platform/lib/parse-script.ts';
import { serverFlags } from '../platform/lib/server-flags.ts';
import { type Contender, findPort, type Start, startContender } from './serving/contender.ts';
import { type Asked, type Measured, measureDelay, measureRate } from './serving/measure.ts';
import { createRepository } from './serving/repository.ts';
import { grpcMessage, makePhoto, postBinary, postPhoto, postTensor } from './serving/requests.ts';

const { values } = parseScript({
  options: {
    fastapi: { type: 'string', default: '' },
    bentoml: { type: 'string', default: '' },
    mlserver: { type: 'string', default: '' },
    processes: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
  },
});
const seconds = Number(values.seconds);
const share = 0.3;
/** No run takes longer. */
const limitMs = 8 * 60_000;
const here = join(import.meta.dirname, 'serving');
const repository = await createRepository();
const modelFile = join(repository.root, 'network.onnx');
await writeFile(modelFile, repository.onnx);
const [small, large] = [await makePhoto(288, 216), await makePhoto(1600, 1600)];
/** Where `npx mainstem serve` and the image have it, too. */
const compiled = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/node'),
};
const inferPath = '/v2/models/pumpkins/infer';

const contenders: Contender[] = [];
const limit = setTimeout(giveUp, limitMs);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, giveUp);
try {
  compileMainstem();
  const mainstem = await startMainstem('Mainstem');
  // One of its own: the other starts, and takes memory, as one without gRPC does.
  const mainstemGrpc = await startMainstem('Mainstem with gRPC', await findPort());
  const processes = values.processes ? await startProcesses() : null;
  const fastapi = values.fastapi ? await startFastapi(values.fastapi) : null;
  const bentoml = values.bentoml ? await startBentoml(values.bentoml) : null;
  const mlserver = values.mlserver ? await startMlserver(values.mlserver) : null;
  await measureAll({ mainstem, mainstemGrpc, processes, fastapi, bentoml, mlserver });
} finally {
  await end();
}

async function end(): Promise<void> {
  clearTimeout(limit);
  await Promise.all(contenders.map((one) => one.stop()));
  await repository.remove();
}

async function giveUp(): Promise<void> {
  process.stderr.write('given up\n');
  await end();
  process.exit(1);
}

/** The servers under measurement; those that were not asked for are null. */
interface Servers {
  readonly mainstem: Contender;
  readonly mainstemGrpc: Contender;
  readonly processes: Contender | null;
  readonly fastapi: Contender | null;
  readonly bentoml: Contender | null;
  readonly mlserver: Contender | null;
}

async function begin(start: Start, port: number): Promise<Contender> {
  const contender = await startContender(start, port);
  contenders.push(contender);
  return contender;
}

/** As when an image is built: a start then finds compiled what it loads. */
function compileMainstem(): void {
  const file = join(import.meta.dirname, '../serving/compile.ts');
  const { status } = spawnSync(process.execPath, [file], { env: { ...process.env, ...compiled } });
  if (status !== 0) throw new Error('the server cannot be compiled');
}

async function startMainstem(
  name: string,
  grpcPort?: number,
  script: readonly string[] = [join(import.meta.dirname, '../serving/server.ts')],
): Promise<Contender> {
  const port = await findPort();
  return begin(
    {
      name,
      ...(grpcPort ? { grpcPort } : {}),
      command: [
        ...[process.execPath, ...serverFlags, ...script],
        ...['--root', repository.root, '--port', String(port)],
        ...(grpcPort ? ['--grpc-port', String(grpcPort)] : []),
      ],
      environment: { LOG_LEVEL: 'silent', HOST: '127.0.0.1', ...compiled },
      first: postPhoto('/predict', small),
    },
    port,
  );
}

function startProcesses(): Promise<Contender> {
  const cores = String(availableParallelism());
  const script = [join(here, 'processes.ts'), cores];
  return startMainstem(`Mainstem, ${cores} processes`, undefined, script);
}

async function startFastapi(venv: string): Promise<Contender> {
  const port = await findPort();
  const command = [join(venv, 'bin/uvicorn'), 'fastapi_app:app', '--app-dir', here];
  return begin(
    {
      name: 'FastAPI, 2 workers',
      command: [...command, '--workers', '2', '--port', String(port), '--no-access-log'],
      environment: { MODEL: modelFile },
      first: postPhoto('/predict', small),
    },
    port,
  );
}

async function startBentoml(venv: string): Promise<Contender> {
  const port = await findPort();
  const command = [join(venv, 'bin/bentoml'), 'serve', 'bentoml_service:Pumpkins'];
  return begin(
    {
      name: 'BentoML, 2 workers',
      command: [...command, '--working-dir', here, '--host', '127.0.0.1', '--port', String(port)],
      environment: {
        ...{ MODEL: modelFile, PATH: `${join(venv, 'bin')}:${process.env.PATH}` },
        ...{ BENTOML_HOME: join(repository.root, 'bentoml'), BENTOML_DO_NOT_TRACK: 'True' },
      },
      first: postPhoto('/predict', small),
    },
    port,
  );
}

async function startMlserver(venv: string): Promise<Contender> {
  const [port, grpc, metrics] = [await findPort(), await findPort(), await findPort()];
  const folder = join(repository.root, 'mlserver');
  await writeJson(join(folder, 'settings.json'), {
    ...{ host: '127.0.0.1', http_port: port, grpc_port: grpc, metrics_port: metrics },
    ...{ parallel_workers: 2, debug: false },
  });
  await writeJson(join(folder, 'model-settings.json'), {
    name: 'pumpkins',
    implementation: 'mlserver_model.OnnxModel',
    parameters: { uri: modelFile },
  });
  await copyFile(join(here, 'mlserver_model.py'), join(folder, 'mlserver_model.py'));
  return begin(
    {
      name: 'MLServer, 2 workers',
      command: [join(venv, 'bin/mlserver'), 'start', folder],
      environment: { PYTHONPATH: folder, PATH: `${join(venv, 'bin')}:${process.env.PATH}` },
      folder,
      grpcPort: grpc,
      first: postTensor(inferPath),
    },
    port,
  );
}

interface Case {
  readonly what: string;
  readonly asked: Asked;
  readonly contender: Contender;
}

function casesOf({
  mainstem,
  mainstemGrpc,
  processes,
  fastapi,
  bentoml,
  mlserver,
}: Servers): Case[] {
  const over = (contender: Contender, what: string, request: Buffer): Case => ({
    ...{ what, contender },
    asked: { port: contender.port, request },
  });
  const grpc = (contender: Contender): Case[] => {
    const { grpcPort: port } = contender;
    if (port === null) return [];
    const asked = { port, protocol: 'grpc' as const, request: grpcMessage() };
    return [{ what: 'tensor over gRPC', contender, asked }];
  };
  const photos = (contender: Contender): Case[] => [
    over(contender, 'photo 288 × 216', postPhoto('/predict', small)),
    over(contender, 'photo 1600 × 1600', postPhoto('/predict', large)),
  ];
  const tensor = (contender: Contender): Case[] => [
    over(contender, 'tensor as JSON', postTensor(inferPath)),
  ];
  return [
    ...photos(mainstem),
    ...(processes ? photos(processes) : []),
    ...(fastapi ? photos(fastapi) : []),
    ...(bentoml ? photos(bentoml) : []),
    ...tensor(mainstem),
    ...(processes ? tensor(processes) : []),
    over(mainstem, 'tensor as bytes', postBinary(inferPath)),
    ...(processes ? [over(processes, 'tensor as bytes', postBinary(inferPath))] : []),
    ...(mlserver ? tensor(mlserver) : []),
    ...grpc(mainstemGrpc),
    ...(mlserver ? grpc(mlserver) : []),
  ];
}

async function measureAll(servers: Servers): Promise<void> {
  const cases = casesOf(servers);
  const rounds = cases.map((): Measured[] => []);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [index, { contender, asked }] of cases.entries()) {
      const { failed, ...now } = await measureRate(contender, asked, seconds);
      const later = await measureDelay(asked, {
        ...{ rate: now.rate * share, seconds },
      });
      rounds[index]?.push({ ...now, ...later, failed: failed + later.failed });
    }
    process.stderr.write(`round ${round + 1}, load ${loadavg()[0]?.toFixed(1)}\n`);
  }
  const measured = rounds.map(medians);
  process.stdout.write(`${renderMachine()}\n\n${renderSpeed(cases, measured, servers)}\n\n`);
  process.stdout.write(`${await renderServers()}\n`);
}

function medians(all: readonly Measured[]): Measured {
  const of = (key: keyof Measured) => {
    const sorted = all.map((one) => one[key]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  const failed = all.reduce((sum, one) => sum + one.failed, 0);
  return {
    ...{ rate: of('rate'), processorMs: of('processorMs') },
    ...{ p50: of('p50'), p99: of('p99'), failed },
  };
}

function renderMachine(): string {
  const [processor] = cpus();
  const machine = `${availableParallelism()} cores of ${processor?.model.trim() ?? 'unknown'}`;
  return `Serving (${machine}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node})`;
}

function renderSpeed(
  cases: readonly Case[],
  measured: readonly Measured[],
  { mainstem, mainstemGrpc, fastapi, bentoml, mlserver }: Servers,
): string {
  const lines = cases.map(({ what, contender }, index) => {
    const { rate = 0, processorMs = 0, p50 = 0, p99 = 0, failed = 0 } = measured[index] ?? {};
    const times = `${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms`;
    return `| ${what} | ${contender.name} | ${Math.round(rate)} | ${processorMs.toFixed(2)} ms | ${times} | ${failed} |`;
  });
  const find = (what: string, contender: Contender | null) =>
    measured[cases.findIndex((one) => one.what === what && one.contender === contender)];
  const ratio = (text: string, ours?: Measured, theirs?: Measured, goal = 1) => {
    if (!ours || !theirs) return [];
    const verdict = ours.rate >= goal * theirs.rate ? 'met' : '**missed**';
    const found = [ours.rate / theirs.rate, theirs.processorMs / ours.processorMs];
    const cells = found.map((value) => `${value.toFixed(2)} ×`).join(' | ');
    return [`| ${text} | ${cells} | ≥ ${goal} ×: ${verdict} |`];
  };
  const json = find('tensor as JSON', mlserver);
  const ratios = [
    ...['photo 288 × 216', 'photo 1600 × 1600'].flatMap((what, at) =>
      ratio(`${what} / FastAPI`, find(what, mainstem), find(what, fastapi), [1.5, 4][at] ?? 1),
    ),
    ...['photo 288 × 216', 'photo 1600 × 1600'].flatMap((what) =>
      ratio(`${what} / BentoML`, find(what, mainstem), find(what, bentoml)),
    ),
    ...ratio('tensor as JSON / MLServer', find('tensor as JSON', mainstem), json, 3),
    ...ratio('tensor as bytes / MLServer JSON', find('tensor as bytes', mainstem), json, 5),
    ...ratio(
      'tensor over gRPC / MLServer',
      find('tensor over gRPC', mainstemGrpc),
      find('tensor over gRPC', mlserver),
    ),
  ];
  return [
    '| request | server | answers/s at saturation | processor time each | p50 at 30 % | p99 at 30 % | failed |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    '| ratio | answers/s | answers per processor time | goal |',
    '| --- | --- | --- | --- |',
    ...ratios,
  ].join('\n');
}

async function renderServers(): Promise<string> {
  const lines = await Promise.all(
    contenders.map(async ({ name, coldStart, memory }) => {
      const megabytes = Math.round(await memory());
      return `| ${name} | ${coldStart.toFixed(2)} s | ${megabytes} MB |`;
    }),
  );
  return ['| server | start to first answer | memory |', '| --- | --- | --- |', ...lines].join(
    '\n',
  );
}
