import { setTimeout as delay } from 'node:timers/promises';
import type { Bombs } from './bombs.ts';
import { type Answer, exchangeOnce } from './exchange.ts';
import { type HttpRequest, postForm, postJson, type Requests, renderRequest } from './requests.ts';
import { type Row, renderMb, renderMs } from './table.ts';
import type { Target } from './target.ts';

const patience = { totalMs: 10_000 };
const goalMs = 50;
/** How much later somebody else sends a photo. */
const headStartMs = 20;

/** Sends small files with many pixels, and JSON that is larger than any row; a row of the table for each. */
export async function* measureHostile(
  target: Target,
  { photo, rowsPath }: Requests,
  bombs: Bombs,
): AsyncGenerator<Row> {
  const png = (body: Buffer): HttpRequest => ({
    ...photo,
    headers: [['content-type', 'image/png']],
    body,
  });
  const form = postForm(photo.path, Array(16).fill(bombs.avif));
  const attacks: readonly [what: string, request: HttpRequest, times: number][] = [
    ['form of 16 AVIF of 64 MP', form, 1],
    ['PNG of 100 MP', png(bombs.png), 1],
    ['interlaced PNG of 100 MP', png(bombs.interlaced), 1],
    ['8 of these at once', png(bombs.interlaced), 8],
    ['JSON of ones', postJson(rowsPath, ones(12e6)), 1],
    ['JSON of ones', postJson(rowsPath, ones(23.8e6)), 1],
  ];
  for (const [what, request, times] of attacks) {
    const attacked = await attack(target, request, times, photo);
    yield rowOf(`${what}, ${renderSize(request)}`, attacked);
  }
}

function ones(bytes: number): string {
  return `[${'1,'.repeat(bytes / 2)}1]`;
}

/** What became of an attack. */
interface Attacked {
  /** The slowest of those that were sent. */
  readonly answer: Answer;
  readonly died: boolean;
  readonly peak: number;
  /** A photo that somebody else sent meanwhile. */
  readonly neighbour: Answer;
}

async function attack(
  target: Target,
  request: HttpRequest,
  times: number,
  photo: HttpRequest,
): Promise<Attacked> {
  await target.ready();
  await target.forgetPeak();
  const { deaths, port } = target;
  const bytes = renderRequest(request);
  const sent = Array.from({ length: times }, () => exchangeOnce(port, bytes, patience));
  await delay(headStartMs);
  const neighbour = await exchangeOnce(port, renderRequest(photo), patience);
  const answers = await Promise.all(sent);
  const [answer = neighbour] = answers.sort((a, b) => b.ms - a.ms);
  const peak = await target.peak();
  const died = target.deaths > deaths;
  if (!died && answer.outcome === 'hanging') await target.replace();
  return { answer, died, peak, neighbour };
}

function rowOf(what: string, { answer, died, peak, neighbour }: Attacked): Row {
  const { outcome, ms } = answer;
  const refused = typeof outcome === 'number' && outcome >= 400 && outcome < 500;
  const end = died ? 'the server died' : outcome === 'hanging' ? 'no answer' : `${outcome}`;
  const other = `another's photo ${neighbour.outcome} after ${renderMs(neighbour.ms)}`;
  return {
    what,
    found: `${end} after ${renderMs(ms)}; peak ${renderMb(peak)}; ${other}`,
    goal: { text: `refused in ≤ ${goalMs} ms`, met: !died && refused && ms <= goalMs },
  };
}

function renderSize({ body }: HttpRequest): string {
  const kilobytes = body.length / 1000;
  return kilobytes < 1000 ? `${Math.round(kilobytes)} kB` : `${(kilobytes / 1000).toFixed(1)} MB`;
}
