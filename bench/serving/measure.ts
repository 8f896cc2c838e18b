import type { LoadJob } from '../reliability/load.ts';
import { runLoad } from '../reliability/run-load.ts';
import { quantile } from '../reliability/table.ts';
import type { Contender } from './contender.ts';

/** What a server does with one kind of request. */
export interface Measured {
  /** Answers a second when more is asked than it can give. */
  readonly rate: number;
  /** Milliseconds of processor time for one answer: what a busy machine changes least. */
  readonly processorMs: number;
  /** Milliseconds at a fixed rate, from when a request was due. */
  readonly p50: number;
  readonly p99: number;
  /** Requests that were answered otherwise than with 200. */
  readonly failed: number;
}

/** A request, and where it goes. */
export type Asked = Pick<LoadJob, 'port' | 'protocol' | 'request'>;

const clients = 16;
const common = { connections: 512, fresh: false, patienceMs: 10_000 };

/** Answers a second for clients each of which waits for its answer, once the server is warm. */
export async function measureRate(
  contender: Contender,
  asked: Asked,
  seconds: number,
): Promise<Pick<Measured, 'rate' | 'processorMs' | 'failed'>> {
  const job = { ...asked, ...common, load: { clients } };
  await runLoad({ ...job, seconds: 1 });
  const before = await contender.processorTime();
  const { answers } = await runLoad({ ...job, seconds });
  const spent = (await contender.processorTime()) - before;
  const good = answers.filter(({ outcome }) => outcome === 200);
  return {
    ...{ rate: good.length / seconds, processorMs: (1000 * spent) / good.length },
    failed: answers.length - good.length,
  };
}

/** Milliseconds of requests that come at a fixed rate, whether or not the last ones are answered. */
export async function measureDelay(
  asked: Asked,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<Pick<Measured, 'p50' | 'p99' | 'failed'>> {
  const { answers } = await runLoad({ ...asked, ...common, seconds, load: { rate } });
  const good = answers.filter(({ outcome }) => outcome === 200);
  const times = good.map(({ ms }) => ms);
  return {
    ...{ p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
    failed: answers.length - good.length,
  };
}
