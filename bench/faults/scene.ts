import { setTimeout as delay } from 'node:timers/promises';
import {
  createModelRepository,
  type ModelRepository,
  type RecordPart,
} from '../../tests/helpers/model-repository.ts';
import {
  endServer,
  launchServer,
  type ServingProcess,
} from '../../tests/helpers/serving-process.ts';
import { type Answer, now } from '../reliability/exchange.ts';
import { postJson, renderRequest } from '../reliability/requests.ts';
import { runLoad } from '../reliability/run-load.ts';
import { quantile, type Row, renderCounts, renderMs } from '../reliability/table.ts';
import type { Injection } from './inject.ts';

/** A server under a steady load, and the repository that it serves. */
export interface Scene extends ServingProcess {
  readonly repository: ModelRepository;
  readonly port: number;
  /** Has something done inside the server. */
  inject(injection: Injection): void;
  /** Waits until `/version` says so of the model under load. @returns seconds; at most 30 */
  until(isThere: (served: Served) => boolean): Promise<number>;
}

/** What `/version` says of a model. */
export interface Served {
  readonly version: string;
  readonly refused?: readonly unknown[];
  readonly trials?: readonly unknown[];
}

/** When a fault was, Unix milliseconds, and what the table says of it beside the answers. */
export interface Inflicted {
  readonly from: number;
  /** When what caused it was over; recovery counts from here. */
  readonly until: number;
  readonly note: string;
}

/** A fault under load. */
export interface Fault {
  /** Of `--only`. */
  readonly name: string;
  readonly what: string;
  /** What is served. */
  readonly models: readonly RecordPart[];
  /** Whether the design promises that no request is lost. */
  readonly promised: boolean;
  /** The load goes on for so long. */
  readonly seconds: number;
  readonly environment?: NodeJS.ProcessEnv;
  inflict(scene: Scene): Promise<Inflicted>;
}

const preload = ['--import', new URL('inject.ts', import.meta.url).href];
const patienceMs = 10_000;
/** Time for the load to start, and to be seen as it is without the fault. */
const beforeMs = 2000;

/** Serves models to a load over one fault, and says what became of the requests. */
export async function measureFault(fault: Fault, rate: number): Promise<Row> {
  const repository = await createModelRepository(...fault.models);
  const { environment = {} } = fault;
  const server = await launchServer(repository.root, { execArgv: preload, environment });
  try {
    const scene = createScene(repository, server);
    const load = runLoad({
      ...{ port: scene.port, request: renderRequest(row), seconds: fault.seconds },
      ...{ load: { rate }, connections: 1000, fresh: true, patienceMs },
    });
    const [inflicted, { answers }] = await Promise.all([
      delay(beforeMs).then(() => fault.inflict(scene)),
      load,
    ]);
    return rowOf(fault, answers, inflicted);
  } finally {
    await endServer(server);
    await repository.remove();
  }
}

const row = postJson('/models/gourds/predict', '{"weight":9}');

function createScene(repository: ModelRepository, server: ServingProcess): Scene {
  const { child, url } = server;
  return {
    ...server,
    repository,
    port: Number(new URL(url).port),
    inject: (injection) => void child.send(injection),
    async until(isThere) {
      const began = now();
      while (now() - began < 30_000) {
        const { models } = await (await fetch(`${url}/version`)).json();
        if (
          models.some((one: Served & { model: string }) => one.model === 'gourds' && isThere(one))
        )
          return (now() - began) / 1000;
        await delay(20);
      }
      throw new Error('what was waited for has not come within 30 s');
    },
  };
}

/** Neither answered nor told when to come back. */
const isLost = ({ outcome, retryAfter }: Answer) =>
  typeof outcome === 'string' || (outcome >= 500 && !(outcome === 503 && retryAfter));

function rowOf(
  { what, promised, name }: Fault,
  answers: readonly Answer[],
  { from, until, note }: Inflicted,
): Row {
  // Who sends to a server that has been stopped has not been promised anything.
  const counted = name === 'sigterm' ? answers.filter(({ sentAt }) => sentAt < from) : answers;
  const lost = counted.filter(isLost).length;
  const before = answers.filter(({ sentAt }) => sentAt < from);
  const after = answers.filter(({ sentAt }) => sentAt >= from);
  const outcomes = renderCounts(after.map(({ outcome }) => outcome));
  const slowest = Math.max(...after.filter(({ outcome }) => outcome === 200).map(({ ms }) => ms));
  const usual = renderMs(
    quantile(
      before.map(({ ms }) => ms),
      0.99,
    ),
  );
  const found = [
    `${counted.length} sent, ${lost} lost`,
    `since the fault ${outcomes}${Number.isFinite(slowest) ? `, slowest 200 ${renderMs(slowest)} (p99 before ${usual})` : ''}`,
    ...(name === 'sigterm' ? [] : [`as before after ${recovery(answers, before, until)}`]),
    note,
  ];
  const goal = promised ? { goal: { text: '0 lost', met: lost === 0 } } : {};
  return { what, found: found.join('; '), ...goal };
}

/** Until the first request after which all were answered with 200, and none slower than a quarter of a second or any before. */
function recovery(answers: readonly Answer[], before: readonly Answer[], until: number): string {
  const usualMs = Math.max(250, ...before.map(({ ms }) => ms));
  const disturbed = answers
    .filter(({ outcome, ms }) => outcome !== 200 || ms > usualMs)
    .map(({ sentAt, ms }) => sentAt + ms)
    .filter((at) => at > until);
  const last = Math.max(until, ...disturbed);
  const next = answers.some(({ sentAt }) => sentAt >= last);
  return next ? `${((last - until) / 1000).toFixed(1)} s` : 'more than the load lasted';
}
