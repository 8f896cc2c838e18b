import { openAsBlob } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { webAddress } from '../../../lib/fetch-failure.ts';
import { type Digest, hexOf } from '../../../lib/hash.ts';
import { makeFolder } from '../../../lib/make-folder.ts';
import { readFile } from '../../../lib/read-text.ts';
import { silenceIn } from '../../../lib/silence.ts';
import { writeFile } from '../../../lib/write-file.ts';
import { countSilences, isPassing, type Patience, pauseOf } from '../http/fetch-again.ts';
import type { Send } from './authorize.ts';
import { assertDone, assertOk, Refused } from './refused.ts';

/** Content that becomes a blob. */
export interface BlobSource {
  readonly digest: Digest;
  readonly size: number;
  readonly content: { readonly file: string } | { readonly bytes: Uint8Array<ArrayBuffer> };
}

/** What an upload needs of the registry. */
export interface UploadOptions {
  readonly send: Send;
  readonly at: (path: string) => URL;
  readonly folder: string;
  readonly chunkBytes: number;
  readonly limits: Patience;
}

/**
 * Uploads a blob unless it is there: in one request, or in chunks if it is large. A chunked upload goes on where it
 * stopped, also in a later process.
 *
 * @throws Refused; Error if the registry cannot be reached
 */
export async function uploadBlob(options: UploadOptions, source: BlobSource): Promise<void> {
  const { send, at } = options;
  const there = await send('pull,push', at(`blobs/${source.digest}`), { method: 'HEAD' });
  if (isBlob(there, source)) return;
  if (!there.ok && there.status !== 404) await assertOk(there);
  const { content } = source;
  const blob = 'file' in content ? await openAsBlob(content.file) : new Blob([content.bytes]);
  if (blob.size > options.chunkBytes) return sendChunks(options, source.digest, blob);
  await sendWhole(options, source.digest, blob);
}

/** Whether an answer is about this content, and not about a page that something else shows in its place. */
function isBlob({ ok, headers }: Response, { digest, size }: BlobSource): boolean {
  const named = headers.get('docker-content-digest');
  return ok && (named === null ? headers.get('content-length') === String(size) : named === digest);
}

async function sendWhole(options: UploadOptions, digest: Digest, body: Blob): Promise<void> {
  const { limits } = options;
  const isHopeless = countSilences();
  for (let attempt = 1; ; attempt++) {
    const last = attempt >= limits.tries;
    const location = await startUpload(options);
    // An upload that broke cannot be sent again to the same place: each try is an upload of its own.
    const answer = await finishUpload(options, location, digest, body).catch((error: unknown) => {
      if (isHopeless(error) || last) throw error;
    });
    if (answer && (last || !mayPass(answer.status))) return assertDone(answer, 201);
    await answer?.body?.cancel();
    await pause(pauseOf(attempt, limits));
  }
}

/** Whether another upload may succeed: the server was busy, or does not know this one any more. */
function mayPass(status: number): boolean {
  return isPassing(status) || status === 404 || status === 416;
}

async function startUpload({ send, at }: UploadOptions): Promise<URL> {
  const answer = await send('pull,push', at('blobs/uploads/'), { method: 'POST' });
  await assertDone(answer, 202);
  return nextLocation(answer, at('blobs/uploads/'));
}

function finishUpload(
  { send }: UploadOptions,
  location: URL,
  digest: Digest,
  body?: Blob,
): Promise<Response> {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  return send('pull,push', url, { method: 'PUT', headers, body, once: true });
}

const goesOn = 'it lets an upload go on';

function nextLocation(answer: Response, current: URL): URL {
  const location = answer.headers.get('location');
  if (!location) throw new Refused(answer.status, 'does not say where an upload goes on');
  return webAddress(location, current, goesOn);
}

/** A chunked upload: where it goes on, and what has arrived. */
interface Upload {
  readonly location: URL;
  readonly offset: number;
}

async function sendChunks(options: UploadOptions, digest: Digest, blob: Blob): Promise<void> {
  const state = join(options.folder, `${hexOf(digest)}.upload.json`);
  await makeFolder(options.folder);
  let upload = await resumeUpload(options, state);
  let furthest = 0;
  let isHopeless = countSilences();
  for (let attempt = 1; upload.offset < blob.size; ) {
    await writeFile(state, JSON.stringify({ location: upload.location.href }));
    const isLast = (error?: unknown) => isHopeless(error) || attempt >= options.limits.tries;
    const next = await sendChunk(options, upload, blob, isLast);
    if (next && next.offset > furthest) {
      attempt = 1;
      isHopeless = countSilences();
    } else if (next && isLast())
      throw new Refused(202, `takes no more than ${furthest} bytes of it`);
    else await pause(pauseOf(attempt++, options.limits));
    upload = next ?? (await resumeUpload(options, state));
    furthest = Math.max(furthest, upload.offset);
  }
  const answer = await finishUpload(options, upload.location, digest);
  await rm(state, { force: true });
  await assertDone(answer, 201);
}

/** Undefined if the chunk may or may not have arrived, in part or whole. */
async function sendChunk(
  { send, chunkBytes }: UploadOptions,
  { location, offset }: Upload,
  blob: Blob,
  isLast: (error?: unknown) => boolean,
): Promise<Upload | undefined> {
  const body = blob.slice(offset, offset + chunkBytes);
  const headers = {
    'content-type': 'application/octet-stream',
    'content-range': `${offset}-${offset + body.size - 1}`,
  };
  const request = { method: 'PATCH', headers, body, once: true };
  const answer = await send('pull,push', location, request).catch((error: unknown) => {
    if (isLast(error)) throw error;
  });
  if (!answer) return undefined;
  if (!isLast() && mayPass(answer.status)) {
    await answer.body?.cancel();
    return undefined;
  }
  await assertDone(answer, 202);
  return {
    location: nextLocation(answer, location),
    offset: arrivedOf(answer, offset + body.size),
  };
}

/** Goes on with the upload that a file remembers, if the registry still knows it. */
async function resumeUpload(options: UploadOptions, state: string): Promise<Upload> {
  const location = await readLocation(state, options.at(''));
  const known = location ? await askUpload(options.send, location).catch(unlessSilent) : undefined;
  return known ?? { location: await startUpload(options), offset: 0 };
}

/** What it says is no matter; a registry that says nothing would not begin another upload either. */
function unlessSilent(error: unknown): undefined {
  if (silenceIn(error)) throw error;
}

async function askUpload(send: Send, location: URL): Promise<Upload> {
  const answer = await send('pull,push', location);
  await assertOk(answer);
  const next = answer.headers.get('location');
  return {
    location: next ? webAddress(next, location, goesOn) : location,
    offset: arrivedOf(answer, 0),
  };
}

/** How many bytes have arrived: `Range: 0-<last>`. An upload without any says `0-0`, or nothing. */
function arrivedOf({ headers }: Response, assumed: number): number {
  const range = /^(?:bytes=)?0-(\d+)$/.exec(headers.get('range') ?? '');
  const last = Number(range?.[1] ?? 0);
  return last > 0 ? last + 1 : assumed;
}

const State = Type.Object({ location: Type.String() });

async function readLocation(state: string, base: URL): Promise<URL | undefined> {
  const value = parseState(await readFile(state, 'utf8').catch(() => ''));
  const location = Check(State, value) ? URL.parse(value.location) : null;
  return location?.origin === base.origin ? location : undefined;
}

/** A process that was killed may have left half a file: then the upload begins again. */
function parseState(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
