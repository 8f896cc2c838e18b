import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, exchangeOnce, now } from './exchange.ts';
import type { LoadJob } from './load.ts';
import { type Requests, renderRequest } from './requests.ts';
import { runLoad } from './run-load.ts';
import { quantile, type Row, renderCounts, renderMb, renderMs } from './table.ts';
import type { Target } from './target.ts';

const goals = { goodput: 0.8, busyMs: 20, healthMs: 50 };
/** Connections of a load that does not wait for answers. */
const connections = 4000;
const patienceMs = 15_000;

/** What a server can do when it is not asked for more. */
export interface Capacity {
  /** Answers a second. */
  readonly rate: number;
  readonly rows: readonly Row[];
}

/** Measures how many photos a second are answered for 8 clients, each of which waits for its answer. */
export async function measureCapacity(
  target: Target,
  { photo }: Requests,
  seconds: number,
): Promise<Capacity> {
  await target.ready();
  await target.forgetPeak();
  const { answers } = await runLoad(
    {
      ...jobOf(target, renderRequest(photo, 'keep-alive'), seconds),
      load: { clients: 8 },
    },
    target.loadProcessor,
  );
  const good = answers.filter(({ outcome }) => outcome === 200);
  const times = good.map(({ ms }) => ms);
  const rate = good.length / seconds;
  const others = answers.length - good.length;
  const size = `${Math.round(photo.body.length / 1000)} kB`;
  return {
    rate,
    rows: [
      {
        what: `capacity, one ${size} photo a request, 8 clients, ${seconds} s`,
        found: `${Math.round(rate)}/s, p50 ${renderMs(quantile(times, 0.5))}, p99 ${renderMs(quantile(times, 0.99))}; others ${others}; peak ${renderMb(await target.peak())}`,
      },
    ],
  };
}

/** Sends several times as much as the server can answer, whatever it answers, and watches it. */
export async function measureOverload(
  target: Target,
  { photo }: Requests,
  {
    rate,
    times,
    seconds,
  }: { readonly rate: number; readonly times: number; readonly seconds: number },
): Promise<Row[]> {
  await target.ready();
  await target.forgetPeak();
  const deaths = target.deaths;
  const load = runLoad(
    {
      ...jobOf(target, renderRequest(photo, 'keep-alive'), seconds),
      load: { rate: rate * times },
    },
    target.loadProcessor,
  );
  const over = new AbortController();
  const health = watchHealth(target, over.signal);
  const normal = delay(seconds * 1000).then(() => timeUntilNormal(target, renderRequest(photo)));
  const { answers, unsent, began } = await load;
  const peak = await target.peak();
  over.abort();
  const [healthMs, normalMs, died] = [await health, await normal, target.deaths - deaths];
  const healthP99 = quantile(healthMs, 0.99);
  return [
    {
      what: `${times}× overload, ${seconds} s`,
      found: `${answers.length} sent at ${Math.round(rate * times)}/s, ${unsent} found no connection`,
    },
    ...rowsOfAnswers(answers, { rate, seconds, end: began + seconds * 1000 }),
    {
      what: `… /healthz, ${healthMs.length} times`,
      found: `p50 ${renderMs(quantile(healthMs, 0.5))}, p99 ${renderMs(healthP99)}, slowest ${renderMs(Math.max(...healthMs))}`,
      goal: { text: `p99 ≤ ${goals.healthMs} ms`, met: healthP99 <= goals.healthMs },
    },
    { what: '… peak of memory', found: renderMb(peak) },
    { what: '… normal again after the last was sent', found: renderMs(normalMs) },
    { what: '… deaths', found: String(died), goal: { text: '0', met: died === 0 } },
  ];
}

function rowsOfAnswers(
  answers: readonly Answer[],
  { rate, seconds, end }: { rate: number; seconds: number; end: number },
): Row[] {
  const good = answers.filter(({ outcome }) => outcome === 200);
  // What is answered after the load has ended is not goodput under load.
  const goodput = good.filter(({ sentAt, ms }) => sentAt + ms <= end).length / seconds;
  const share = goodput / rate;
  const busy = answers.filter(({ outcome }) => outcome === 503);
  const [busyMs, goodMs] = [busy.map(({ ms }) => ms), good.map(({ ms }) => ms)];
  const median = quantile(busyMs, 0.5);
  const hinted = busy.filter(({ retryAfter }) => retryAfter).length;
  return [
    { what: '… answers', found: renderCounts(answers.map(({ outcome }) => outcome)) },
    {
      what: '… goodput',
      found: `${Math.round(goodput)}/s, ${Math.round(share * 100)} % of capacity; p50 ${renderMs(quantile(goodMs, 0.5))}, p99 ${renderMs(quantile(goodMs, 0.99))}`,
      goal: { text: `≥ ${goals.goodput * 100} %`, met: share >= goals.goodput },
    },
    {
      what: '… 503',
      found: `p50 ${renderMs(median)}, p99 ${renderMs(quantile(busyMs, 0.99))}; ${hinted} of ${busy.length} with Retry-After`,
      goal: { text: `p50 ≤ ${goals.busyMs} ms`, met: median <= goals.busyMs },
    },
  ];
}

/** Milliseconds of each health check, asked for ten times a second over connections of their own. */
async function watchHealth(target: Target, signal: AbortSignal): Promise<number[]> {
  const empty = { method: 'GET', path: '/healthz', headers: [], body: Buffer.alloc(0) };
  const times: number[] = [];
  while (!signal.aborted) {
    const answer = await exchangeOnce(target.port, renderRequest(empty), { totalMs: 10_000 });
    times.push(answer.outcome === 200 ? answer.ms : 10_000);
    await delay(100);
  }
  return times;
}

/** Milliseconds until a photo is answered within a quarter of a second again; at most a quarter of a minute. */
async function timeUntilNormal(target: Target, bytes: Uint8Array): Promise<number> {
  const began = now();
  while (now() - began < patienceMs) {
    await target.ready();
    const { outcome, ms } = await exchangeOnce(target.port, bytes, { totalMs: patienceMs });
    if (outcome === 200 && ms < 250) break;
    await delay(20);
  }
  return now() - began;
}

function jobOf(target: Target, request: Uint8Array, seconds: number): Omit<LoadJob, 'load'> {
  return { port: target.port, request, seconds, connections, fresh: false, patienceMs };
}
