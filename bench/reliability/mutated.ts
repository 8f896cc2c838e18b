import { createRandom } from '../../platform/lib/random.ts';
import { type Answer, exchangeOnce } from './exchange.ts';
import { mutateRequest } from './mutate.ts';
import { type Requests, renderRequest } from './requests.ts';
import { type Row, renderCounts, renderMb, renderMs } from './table.ts';
import type { Target } from './target.ts';

/** How many are under way at once. */
const clients = 32;
/** Failures that are shown with their request on standard error. */
const shown = 10;
const patience = { totalMs: 10_000, endMs: 500 };

/**
 * Sends mutated requests and counts what becomes of them. The same seed sends the same requests.
 *
 * @throws Error if a request that was not mutated is refused: the mutations would prove nothing
 */
export async function measureMutated(
  target: Target,
  requests: Requests,
  { seed, count }: { readonly seed: string; readonly count: number },
): Promise<Row[]> {
  await assertValid(target, requests);
  await target.forgetPeak();
  const deaths = target.deaths;
  const random = createRandom(`reliability/${seed}`);
  const answers: Answer[] = [];
  const failures: string[] = [];
  const began = performance.now();
  let sent = 0;
  const client = async () => {
    while (sent < count) {
      sent += 1;
      const request = requests.all[random.int(requests.all.length)] ?? requests.photo;
      const bytes = mutateRequest(random, request);
      await target.ready();
      const answer = await exchangeOnce(target.port, bytes, patience);
      answers.push(answer);
      if (isFailure(answer)) failures.push(`${answer.outcome} to ${excerptOf(bytes)}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - began) / 1000;
  const outcomes = answers.map(({ outcome }) => outcome);
  for (const failure of failures.slice(0, shown)) process.stderr.write(`${failure}\n`);
  const hanging = outcomes.filter((outcome) => outcome === 'hanging').length;
  const died = target.deaths - deaths;
  const none = (value: number) => ({ text: '0', met: value === 0 });
  return [
    {
      what: `${count} mutated requests`,
      found: `${seconds.toFixed(0)} s, seed ${seed}; peak ${renderMb(await target.peak())}`,
    },
    { what: '… answers by status', found: renderCounts(outcomes) },
    { what: '… deaths', found: String(died), goal: none(died) },
    {
      what: `… hanging after ${renderMs(patience.totalMs)}`,
      found: String(hanging),
      goal: none(hanging),
    },
    { what: '… 5xx but 503', found: String(failures.length), goal: none(failures.length) },
  ];
}

function isFailure({ outcome }: Answer): boolean {
  return typeof outcome === 'number' && outcome >= 500 && outcome !== 503;
}

/** Enough to see what was wrong; the whole request comes again from the same seed. */
function excerptOf(bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(0, 400).toString('latin1'));
}

async function assertValid(target: Target, { all }: Requests): Promise<void> {
  for (const request of all) {
    const { outcome } = await exchangeOnce(target.port, renderRequest(request), patience);
    // Nobody has a key here, so that a login is well formed and refused.
    const refused = request.path === '/session' && outcome === 401;
    const answered = refused || (typeof outcome === 'number' && outcome < 400);
    if (!answered) throw new Error(`${request.method} ${request.path} is answered ${outcome}`);
  }
}
