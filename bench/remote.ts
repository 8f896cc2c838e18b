// Compares push and pull of many small files with DVC on the same S3 server: time, and requests counted in front of it.
// Reads nothing but this repository; writes below a new temporary folder, which is removed at the end.
//   npx mainstem --exec node bench/remote.ts        wants what "npm run test:setup" installs
//   --files <n>      how many files (default 10000)
//   --rounds <n>     medians over so many rounds (default 3)
//   --dvc <path>     a DVC with its extra "s3"; default: installed from PyPI into a throw-away venv
//   --server <name>  gofakes3 (default) or moto

import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseScript } from '../platform/lib/parse-script.ts';
import { startLoopbackProxy } from '../tests/helpers/loopback-proxy.ts';
import { createBucket, gofakes3, localCredentials, motoServer } from '../tests/helpers/servers.ts';
import type { Contender } from './data/contender.ts';
import { createDvc } from './data/dvc.ts';
import { createMainstem } from './data/mainstem.ts';
import { median } from './data/median.ts';

const goals = { time: 5, requests: 50 } as const;
const operations = ['push', 'fetch'] as const;
type Operation = (typeof operations)[number];

interface Figures {
  readonly name: string;
  readonly seconds: Record<Operation, number[]>;
  readonly processor: Record<Operation, number[]>;
  readonly requests: Record<Operation, number[]>;
}

const { values } = parseScript({
  options: {
    files: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    dvc: { type: 'string' },
    server: { type: 'string', default: 'gofakes3' },
  },
});
Object.assign(process.env, localCredentials);
const folder = await mkdtemp(join(tmpdir(), 'mainstem-bench-remote-'));
const server = await (values.server === 'moto' ? motoServer : gofakes3).start();
const proxy = await startLoopbackProxy(server.url);
try {
  await createBucket(server.url, 'bench');
  const files = Number(values.files);
  const contenders = [
    await createMainstem(join(folder, 'mainstem'), files),
    await createDvc(join(folder, 'dvc'), files, values.dvc),
  ];
  for (const contender of contenders) await contender.add();
  const figures: Figures[] = contenders.map(({ name }) => ({
    name,
    seconds: { push: [], fetch: [] },
    processor: { push: [], fetch: [] },
    requests: { push: [], fetch: [] },
  }));
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [at, contender] of contenders.entries()) {
      const figure = figures[at];
      if (figure) await measure(contender, figure, `s3://bench/round-${round}-${at}`);
    }
  }
  process.stdout.write(`${renderFigures(figures, files)}\n`);
} finally {
  await proxy.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

/** One push into an empty place and one fetch from there into an empty store. */
async function measure(contender: Contender, figure: Figures, place: string): Promise<void> {
  for (const operation of operations) {
    if (operation === 'fetch') await contender.loseBytes();
    const seen = proxy.seen.length;
    const began = performance.now();
    const processor = await contender[operation](place, proxy.url);
    const seconds = (performance.now() - began) / 1000;
    const requests = proxy.seen.length - seen;
    figure.seconds[operation].push(seconds);
    figure.processor[operation].push(processor);
    figure.requests[operation].push(requests);
    const text = `${seconds.toFixed(2)} s, processor ${processor.toFixed(2)} s, ${requests} requests`;
    process.stderr.write(`${contender.name} ${operation}: ${text}\n`);
  }
}

function renderFigures([ours, theirs]: readonly Figures[], files: number): string {
  if (!ours || !theirs) throw new Error('two contenders are compared');
  const rows = operations.flatMap((operation) => [
    row(operation, [ours.seconds, theirs.seconds], operation, goals.time),
    row(`${operation}, processor time`, [ours.processor, theirs.processor], operation, goals.time),
    row(`${operation}, requests`, [ours.requests, theirs.requests], operation, goals.requests),
  ]);
  const rounds = ours.seconds.push.length;
  return [
    `${files} files of 200 to 350 bytes, ${values.server} on this machine, medians of ${rounds} interleaved rounds, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    '',
    `| operation | ${ours.name} | ${theirs.name} | ratio | goal |`,
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function row(
  name: string,
  [own, other]: readonly [Record<Operation, number[]>, Record<Operation, number[]>],
  operation: Operation,
  goal: number,
): string {
  const [mine, theirs] = [median(own[operation]), median(other[operation])];
  const ratio = theirs / mine;
  const show = (value: number) =>
    name.includes('requests') ? String(value) : `${value.toFixed(2)} s`;
  const verdict = `≥ ${goal}×: ${ratio >= goal ? 'met' : 'missed'}`;
  return `| ${[name, show(mine), show(theirs), `${ratio.toFixed(1)}×`, verdict].join(' | ')} |`;
}
