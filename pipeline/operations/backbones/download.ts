import { MainstemError } from '../../../platform/lib/errors.ts';
import { explainFetch } from '../../../platform/lib/fetch-failure.ts';
import { fetchMoving } from '../../../platform/lib/fetch-moving.ts';
import { type Digest, digestBytes } from '../../../platform/lib/hash.ts';
import { longestSilenceMs, tellWaiting } from '../../../platform/lib/silence.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';

/** What a download may take. */
export interface DownloadLimits {
  /** @default 1 GiB */
  readonly mostBytes: number;
  /** How long a server may say nothing. @default 60 s */
  readonly idleMs: number;
  /** How long all of it may take. @default 30 min */
  readonly totalMs: number;
  /** How often it may send us elsewhere. @default 5 */
  readonly redirects: number;
}

export const downloadLimits: DownloadLimits = {
  ...{ mostBytes: 1024 ** 3, idleMs: longestSilenceMs, totalMs: 30 * 60_000 },
  redirects: 5,
};

/** What is to be downloaded. */
export interface Download {
  readonly address: string;
  /** What its bytes must be; without it, whatever comes is taken. */
  readonly digest?: Digest | undefined;
  /** How many there must be. */
  readonly bytes?: number | undefined;
}

type Reporting = Pick<Workspace, 'reporter' | 'signal'>;

/**
 * Downloads a file into memory, within limits of size, time and redirections. Without a digest only encrypted connections
 * and this machine are asked, since anybody on the way could put in another file.
 *
 * @throws MainstemError BACKBONE_ADDRESS_INVALID, BACKBONE_UNREACHABLE, BACKBONE_OTHER, BACKBONE_UNSUPPORTED for a file that
 *   is too large, and the reason of the signal if it is aborted
 */
export async function download(
  { reporter, signal }: Reporting,
  wanted: Download,
  limits: DownloadLimits = downloadLimits,
): Promise<Uint8Array> {
  const address = withoutSecrets(wanted.address);
  const start = readAddress(
    wanted.address,
    (reason) => new MainstemError('BACKBONE_ADDRESS_INVALID', { address, reason }),
  );
  const slow = new AbortController();
  const late = setTimeout(() => slow.abort(new TooSlow(limits.totalMs)), limits.totalMs);
  const refuse = (reason: string, cause?: unknown) =>
    new MainstemError('BACKBONE_UNREACHABLE', { address, reason }, { cause });
  reporter.info(`Downloading ${address}`);
  try {
    const stop = AbortSignal.any([signal, slow.signal]);
    const response = await follow(start, wanted, { limits, stop, refuse, reporter });
    const bytes = await readBody(response, wanted, { limits, reporter });
    assertNotPage(bytes, response, refuse);
    assertDigest(bytes, wanted);
    return bytes;
  } catch (error) {
    if (error instanceof MainstemError) throw error;
    signal.throwIfAborted();
    throw refuse(explainFetch(error).reason, error);
  } finally {
    clearTimeout(late);
  }
}

/** An address as it may be shown and committed: what stands behind `?` may be a signature, and before `@` a password. */
export function withoutSecrets(address: string): string {
  if (!/^https?:/i.test(address) || !URL.canParse(address)) return address;
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}

/** Bytes came, and not all of them in time. */
class TooSlow extends Error {
  constructor(totalMs: number) {
    super(`it was not done within ${totalMs / 1000} s`);
  }
}

interface Following {
  readonly limits: DownloadLimits;
  readonly stop: AbortSignal;
  readonly refuse: (reason: string) => MainstemError;
  readonly reporter: Workspace['reporter'];
}

/** Asks, and where it is sent to, until there is an answer. */
async function follow(
  start: URL,
  { digest }: Download,
  { limits, stop, refuse, reporter }: Following,
): Promise<Response> {
  let url = start;
  const say = tellWaiting(reporter);
  for (let hop = 0; hop <= limits.redirects; hop++) {
    assertSafe(url, digest, refuse);
    // Compressed, the length that is announced would be another one.
    const headers = { 'accept-encoding': 'identity' };
    const awaited = { place: url.origin, limitMs: limits.idleMs, say };
    const request = { signal: stop, redirect: 'manual', headers } as const;
    const response = await fetchMoving(url, request, awaited);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || !location) {
      if (response.ok) return response;
      await response.body?.cancel();
      throw refuse(`it answered ${response.status}`);
    }
    await response.body?.cancel();
    url = readAddress(location, refuse, url);
  }
  throw refuse(`it sent us elsewhere more than ${limits.redirects} times`);
}

function readAddress(text: string, refuse: Following['refuse'], base?: URL): URL {
  if (!URL.canParse(text, base)) throw refuse('it is not an address');
  const url = new URL(text, base);
  if (!/^https?:$/.test(url.protocol)) throw refuse(`${url.protocol} is not https:`);
  if (url.username || url.password) throw refuse('it holds a password, which would be committed');
  return url;
}

function assertSafe(
  { protocol, hostname, host }: URL,
  digest: Digest | undefined,
  refuse: Following['refuse'],
): void {
  if (protocol === 'https:' || digest !== undefined || isThisMachine(hostname)) return;
  throw refuse(
    `the connection to ${host} is not encrypted, so anybody on the way could put in another file; take https, or give the digest with --digest`,
  );
}

function isThisMachine(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

interface Reading {
  readonly limits: DownloadLimits;
  readonly reporter: Workspace['reporter'];
}

async function readBody(
  { body, headers }: Response,
  wanted: Download,
  { limits, reporter }: Reading,
): Promise<Uint8Array> {
  const announced = Number(headers.get('content-length') ?? 0);
  assertSize(announced, wanted, limits);
  const progress = reporter.progress('Downloading', announced || (wanted.bytes ?? 0), 'bytes');
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of body ?? []) {
      parts.push(part);
      size += part.length;
      assertSize(size, wanted, limits);
      progress.update(size);
    }
  } finally {
    progress.end();
  }
  return Buffer.concat(parts);
}

/** Whether so many bytes are more than there may be. */
function assertSize(
  size: number,
  { address, bytes }: Download,
  { mostBytes }: DownloadLimits,
): void {
  const path = withoutSecrets(address);
  if (bytes !== undefined && size > bytes) {
    const [found, expected] = [`${size} bytes or more`, `${bytes} bytes`];
    throw new MainstemError('BACKBONE_OTHER', { address: path, found, expected });
  }
  if (size <= mostBytes) return;
  const reason = `it is larger than ${mostBytes / 1024 ** 2} MiB`;
  throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
}

/** Proxies, logins and code hosts answer with pages where a file is asked for. */
function assertNotPage(
  bytes: Uint8Array,
  { headers }: Response,
  refuse: Following['refuse'],
): void {
  const start = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart();
  if (start.startsWith('version https://git-lfs.github.com/spec/')) {
    throw refuse('it answered with a pointer of Git LFS; take the address of the file itself');
  }
  const type = headers.get('content-type') ?? '';
  if (!/^text\/html\b/i.test(type) && !/^<(!doctype|html|\?xml)/i.test(start)) return;
  throw refuse('it answered with a web page, not a file: a proxy, a login, or the page about it');
}

function assertDigest(bytes: Uint8Array, { address, digest }: Download): void {
  const found = digestBytes(bytes);
  if (digest === undefined || found === digest) return;
  const details = { address: withoutSecrets(address), found, expected: digest };
  throw new MainstemError('BACKBONE_OTHER', details);
}
