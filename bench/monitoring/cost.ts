import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { inferenceStages, mostSlices } from '../../monitoring/index.ts';
import { serverFlags } from '../../platform/lib/server-flags.ts';
import { openStore } from '../../platform/storage/index.ts';
import { measurePicture, readPicture } from '../../platform/transforms/index.ts';
import { loadModels } from '../../serving/inference/models.ts';
import { createInstruments } from '../../serving/plugins/instruments.ts';
import { createObserver } from '../../serving/plugins/model-metrics.ts';
import { exchange, openConnection } from '../reliability/exchange.ts';
import { quantile, type Row, renderTable } from '../reliability/table.ts';
import { type Contender, findPort, startContender } from '../serving/contender.ts';
import { createRepository, side } from '../serving/repository.ts';
import { makePhoto, postBinary, postPhoto } from '../serving/requests.ts';

/** What is measured, and how long. */
export interface CostOptions {
  /** Of requests to both servers in turn; the table has medians of the rounds. */
  readonly rounds: number;
  /** To each server in each round. */
  readonly requests: number;
}

/** Makes prom-client count nothing, before the server starts. */
const muted = `data:text/javascript,${encodeURIComponent(
  'import { createRequire } from "node:module";' +
    `const client = createRequire(${JSON.stringify(import.meta.filename)})("prom-client");` +
    'for (const one of [client.Counter, client.Gauge, client.Histogram])' +
    ' for (const name of ["inc", "dec", "set", "observe"])' +
    ' if (one.prototype[name]) one.prototype[name] = () => undefined;',
)}`;
const names = ['first', 'second', 'third'];
const patience = { totalMs: 10_000 };
const goals = { addedMs: 0.2, scrapeBytes: 200_000 };

/**
 * Prints what watching costs: time that it adds to an answer, against the same server whose instruments do nothing and whose
 * record has no properties to measure; and the size of a scrape of three models.
 */
export async function measureCost({ rounds, requests }: CostOptions): Promise<void> {
  const watched = await createRepository(names, 1, { bins: 12, slices: mostSlices });
  const unwatched = await createRepository(names, 1, { bins: 0 });
  const servers: Contender[] = [];
  try {
    const small = await makePhoto(288, 216);
    const first = postPhoto('/predict', small);
    servers.push(await start('watched', watched.root, first, []));
    servers.push(await start('unwatched', unwatched.root, first, ['--import', muted]));
    const kinds = {
      'photo 288 × 216': first,
      'tensor as bytes': postBinary('/v2/models/first/infer'),
    };
    console.log(`${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}\n`);
    for (const [kind, request] of Object.entries(kinds)) {
      const found = [];
      for (let round = 0; round < rounds; round++)
        found.push(await compare(servers, request, requests));
      console.log(describe(kind, found));
    }
    console.log(
      `\n${renderTable([...(await watchingTimes(watched.root, small)), await scrapeSize(servers)])}`,
    );
  } finally {
    for (const server of servers) await server.stop();
    await watched.remove();
    await unwatched.remove();
  }
}

async function start(name: string, root: string, first: Buffer, more: readonly string[]) {
  const port = await findPort();
  const script = join(import.meta.dirname, '../../serving/server.ts');
  const command = [process.execPath, ...serverFlags, ...more, script, '--root', root];
  const environment = { LOG_LEVEL: 'silent', HOST: '127.0.0.1' };
  return startContender(
    { name, command: [...command, '--port', String(port)], environment, first },
    port,
  );
}

/** Milliseconds of one server. */
interface Times {
  readonly p50: number;
  readonly p99: number;
  /** Of the processor, for one answer. */
  readonly processor: number;
}

/** One request after the other, to each server in turn, so that a busy machine is busy for both. */
async function compare(servers: readonly Contender[], request: Buffer, count: number) {
  const all = [];
  for (const server of servers) {
    const socket = await openConnection(server.port, patience.totalMs);
    if (!socket) throw new Error(`${server.name} takes no connection`);
    all.push({ server, socket, times: [] as number[], before: await server.processorTime() });
  }
  for (let at = 0; at < count; at++) {
    for (const { server, socket, times } of at % 2 === 0 ? all : all.toReversed()) {
      const { outcome, ms } = await exchange(socket, request, patience);
      if (outcome !== 200) throw new Error(`${server.name} answered ${outcome}`);
      times.push(ms);
    }
  }
  const found: Times[] = [];
  for (const { server, socket, times, before } of all) {
    socket.destroy();
    const processor = (1000 * ((await server.processorTime()) - before)) / count;
    found.push({ p50: quantile(times, 0.5), p99: quantile(times, 0.99), processor });
  }
  return found;
}

function describe(kind: string, rounds: readonly (readonly Times[])[]): string {
  const cells = (['p50', 'p99', 'processor'] as const).map((name) => {
    const middle = (of: (round: readonly Times[]) => number) => quantile(rounds.map(of), 0.5);
    const [own, other] = [0, 1].map((place) =>
      middle((round) => round[place]?.[name] ?? Number.NaN),
    );
    const added = middle((round) => (round[0]?.[name] ?? 0) - (round[1]?.[name] ?? 0));
    return `${name} ${own?.toFixed(3)} ms, unwatched ${other?.toFixed(3)} ms, added ${added.toFixed(3)} ms`;
  });
  return `${kind}: ${cells.join('; ')}`;
}

/**
 * What one answer costs beyond answering: counting it, and for a photo measuring its pixels.
 */
async function watchingTimes(root: string, photo: Buffer): Promise<Row[]> {
  const [model] = await loadModels(root, openStore(root));
  if (!model) throw new Error('the repository has a model');
  const { stage, answered, ended } = createObserver(createInstruments(new Registry()));
  const { classes, evaluation } = model.record;
  const probabilities = classes.map((_, place) => (place === 0 ? 0.9 : 0.05));
  const answer = { predicted: classes[0] ?? '', probabilities, accepted: true, score: 100 };
  const picture = await readPicture(photo, side);
  const measured = { ...measurePicture(picture), score: 1 };
  const count = (properties: typeof measured) => {
    for (const name of inferenceStages) stage(model, name, 0.001);
    answered(model, answer, properties);
    ended(model, 'answered');
  };
  const size = `${evaluation.profile.bins.length} properties`;
  return [
    row(`counting one answer, ${size}`, () => count(measured)),
    row(`measuring and counting one photo, ${size}`, () =>
      count({ ...measurePicture(picture), score: 1 }),
    ),
  ];
}

/** Of three in a row the fastest counts: what it takes when other work does not come between. */
function row(what: string, work: () => void): Row {
  const once = () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  };
  const times = Array.from({ length: 7000 }, () => Math.min(once(), once(), once())).slice(700);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  const found = `p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`;
  return { what, found, goal: { text: `p99 < ${goals.addedMs} ms`, met: p99 < goals.addedMs } };
}

async function scrapeSize(servers: readonly Contender[]) {
  const response = await fetch(`http://127.0.0.1:${servers[0]?.port}/metrics`);
  const text = await response.text();
  const series = text.split('\n').filter((line) => line && !line.startsWith('#')).length;
  const bytes = Buffer.byteLength(text);
  return {
    what: `scrape of three models, ${mostSlices} slices each`,
    found: `${(bytes / 1000).toFixed(0)} kB, ${series} series`,
    goal: { text: `< ${goals.scrapeBytes / 1000} kB`, met: bytes < goals.scrapeBytes },
  };
}
