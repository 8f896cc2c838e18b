import { setTimeout as delay } from 'node:timers/promises';
import { now } from './exchange.ts';
import { type Requests, renderRequest } from './requests.ts';
import { runLoad } from './run-load.ts';
import { type Row, renderCounts } from './table.ts';
import type { Target } from './target.ts';

const seconds = 3;

/** Stops the server under half of what it can answer: whatever was sent before must be answered. */
export async function measureShutdown(
  target: Target,
  { photo }: Requests,
  capacity: number,
): Promise<Row[]> {
  await target.ready();
  const rate = Math.max(10, capacity / 2);
  const load = runLoad(
    {
      port: target.port,
      request: renderRequest(photo),
      seconds,
      load: { rate },
      connections: 1000,
      fresh: true,
      patienceMs: 15_000,
    },
    target.loadProcessor,
  );
  await delay(1000 + (seconds * 1000) / 3);
  const stoppedAt = now();
  const code = await target.stop();
  const goneAfter = (now() - stoppedAt) / 1000;
  const { answers } = await load;
  await target.replace();
  const before = answers.filter(({ sentAt }) => sentAt < stoppedAt);
  const after = answers.filter(({ sentAt }) => sentAt >= stoppedAt);
  const lost = before.filter(({ outcome }) => outcome !== 200).length;
  return [
    {
      what: `SIGTERM at ${Math.round(rate)} requests/s, lost`,
      found: `${lost} of ${before.length}; sent later: ${renderCounts(after.map(({ outcome }) => outcome))}; gone after ${goneAfter.toFixed(1)} s with ${code}`,
      goal: { text: '0', met: lost === 0 },
    },
  ];
}
