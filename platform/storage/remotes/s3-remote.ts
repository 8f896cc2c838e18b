import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { MainstemError } from '../../lib/errors.ts';
import { breakIn, explainFetch } from '../../lib/fetch-failure.ts';
import { digestBytes, hexOf } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import { silenceIn } from '../../lib/silence.ts';
import { isFullDisk } from '../store/object-folder.ts';
import { assertBrief } from './assert-brief.ts';
import { hidePassword } from './hide-password.ts';
import { type Patience, patience, pauseOf } from './http/fetch-again.ts';
import { ForeignAnswer } from './http/foreign-answer.ts';
import { growingList } from './http/growing-list.ts';
import { type Content, rangeStart, receiveFile } from './http/receive-file.ts';
import { keyFolders, type Remote, silentRemote } from './remote.ts';
import { assertAnswer, serverKind } from './s3/assert-answer.ts';
import { boundSilence } from './s3/bound-silence.ts';
import { remedyFor } from './s3/remedy.ts';
import { parseS3Address, type S3Place } from './s3/s3-address.ts';
import { uploadParts } from './s3/upload-parts.ts';

/** How a bucket is reached; credentials come from the usual chain of the AWS tools. */
export interface S3Options {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where interrupted downloads wait. */
  readonly folder: string;
  readonly limits?: Patience | undefined;
  /** Files above this size are sent in parts. @default 80 MiB, more than a pack */
  readonly wholeBytes?: number | undefined;
  /** @default 16 MiB */
  readonly partBytes?: number | undefined;
  /** How many keys a page of a list has. @default as many as the server gives, mostly 1,000 */
  readonly pageKeys?: number | undefined;
}

/**
 * A remote in a bucket of S3 or any server that speaks its protocol.
 *
 * @param address `s3://<bucket>[/<prefix>][?endpoint=…&region=…&profile=…&style=path|virtual]`
 * @throws MainstemError REMOTE_UNKNOWN
 */
export function createS3Remote(address: string, options: S3Options): Remote {
  const place = parseS3Address(address, options.environment);
  if (typeof place === 'string') {
    throw new MainstemError('REMOTE_UNKNOWN', { address: hidePassword(address), reason: place });
  }
  const limits = options.limits ?? patience;
  const bucket: Bucket = {
    address,
    place,
    limits,
    client: openClient(place, limits),
    partials: join(options.folder, hexOf(digestBytes(address)).slice(0, 16)),
    wholeBytes: options.wholeBytes ?? 80 * 1024 * 1024,
    partBytes: options.partBytes ?? 16 * 1024 * 1024,
    pageKeys: options.pageKeys,
  };
  const named = (key: string) => (cause: unknown) => {
    throw asMainstemError(bucket, key, cause);
  };
  return {
    address,
    assertThere: () => assertThere(bucket).catch(named('')),
    list: (prefix) => listKeys(bucket, prefix).catch(named(prefix)),
    upload: (key, file) => upload(bucket, key, file).catch(named(key)),
    download: (key, file, most) => download(bucket, key, file, most).catch(named(key)),
    async remove(key) {
      const command = new DeleteObjectCommand({ Bucket: place.bucket, Key: place.prefix + key });
      await bucket.client.send(command).catch(named(key));
    },
  };
}

interface Bucket {
  readonly address: string;
  readonly place: S3Place;
  readonly limits: Patience;
  readonly client: S3Client;
  readonly partials: string;
  readonly wholeBytes: number;
  readonly partBytes: number;
  readonly pageKeys: number | undefined;
}

function openClient({ endpoint, region, profile, pathStyle }: S3Place, limits: Patience): S3Client {
  const client = new S3Client({
    ...(endpoint ? { endpoint } : {}),
    ...(profile ? { profile } : {}),
    // Servers of other makers take any region, and Amazon's tells the right one.
    ...(region ? { region } : endpoint ? { region: 'us-east-1' } : {}),
    logger: quiet,
    forcePathStyle: pathStyle,
    followRegionRedirects: true,
    maxAttempts: limits.tries,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: 10_000,
      // Of silence in both directions: how long a request takes in all does not matter.
      socketTimeout: limits.timeoutMs,
    },
    // Not every server knows the newer checksums; every request signs the SHA-256 of its body, which all check.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  boundSilence(client, limits);
  return client;
}

/** The client's notes are for who writes programs with it; what stops it is thrown as well. */
const quiet = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function asMainstemError({ address, place }: Bucket, key: string, cause: unknown): unknown {
  if (cause instanceof MainstemError || isFullDisk(cause)) return cause;
  if (isNamed(cause, 'CredentialsProviderError')) {
    const owner = place.profile ? `profile ${place.profile}` : 'this machine';
    return new MainstemError('REMOTE_CREDENTIALS', { address, owner }, { cause });
  }
  const silence = silenceIn(cause);
  if (silence) return silentRemote(address, key, silence);
  const where = key === '' ? '' : ` at ${key}`;
  return new MainstemError(
    'REMOTE_FAILED',
    { address, key, reason: `${wordsOf(cause, place)}${where}` },
    { cause },
  );
}

function wordsOf(cause: unknown, { bucket }: S3Place): string {
  if (cause instanceof Error && cause.message === 'Region is missing')
    return 'cannot be asked: no region is named; set AWS_REGION, or add ?region=… to the address';
  const broken = breakIn(cause);
  if (broken) return `failed (${broken})`;
  if (cause instanceof Error && unreadable.test(cause.message)) {
    const status = unreadStatusOf(cause);
    return status >= 400 ? `answered ${status}` : new ForeignAnswer(serverKind).message;
  }
  if (cause instanceof ForeignAnswer) return cause.message;
  if (!(cause instanceof S3ServiceException)) return `failed (${explainFetch(cause).reason})`;
  if (cause.name === 'NoSuchBucket') return `has no bucket ${bucket}`;
  const answered = `answered ${cause.$metadata.httpStatusCode ?? ''} ${cause.name}`;
  return answered.replace(/ +/g, ' ') + remedyFor(cause.name, regionOf(cause));
}

/** What the client says of answers that it cannot read; the last is an empty one at the end of an upload. */
const unreadable = /Deserialization error|XML parse error|S3 aborted request/;

/** The region of the bucket, which an answer from another one names. */
function regionOf({ $response: answer }: S3ServiceException): string | undefined {
  const region: unknown = answer?.headers['x-amz-bucket-region'];
  return typeof region === 'string' && /^[a-z0-9-]{1,40}$/.test(region) ? region : undefined;
}

/** The status of an answer that the client could not read. */
function unreadStatusOf(cause: object): number {
  const answer = '$response' in cause ? cause.$response : undefined;
  const isAnswer = typeof answer === 'object' && answer !== null && 'statusCode' in answer;
  return isAnswer ? Number(answer.statusCode) : 0;
}

function isNamed(cause: unknown, name: string): boolean {
  return cause instanceof Error && cause.name === name;
}

async function assertThere(bucket: Bucket): Promise<void> {
  const { client, place, address } = bucket;
  const { bucket: Bucket, prefix: Prefix } = place;
  const some = await client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }));
  assertAnswer(some.IsTruncated ?? some.Name);
  if (some.Contents?.length) return;
  const reason = 'is not there: nothing has been pushed';
  throw new MainstemError('REMOTE_FAILED', { address, key: '', reason });
}

/** A bucket may hold other things beside: of them nothing is listed. */
async function listKeys(bucket: Bucket, prefix: string): Promise<string[]> {
  const prefixes = prefix === '' ? keyFolders.map((folder) => `${folder}/`) : [prefix];
  const lists = await Promise.all(prefixes.map((each) => listPages(bucket, each)));
  return lists.flat().sort();
}

async function listPages({ client, place, pageKeys }: Bucket, prefix: string): Promise<string[]> {
  const list = growingList();
  const seen = new Set<string>();
  for (let token: string | undefined; ; ) {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: place.bucket,
        Prefix: place.prefix + prefix,
        ...(pageKeys ? { MaxKeys: pageKeys } : {}),
        ...(token ? { ContinuationToken: token } : {}),
      }),
    );
    assertAnswer(page.IsTruncated ?? page.Name);
    list.add((page.Contents ?? []).flatMap(({ Key }) => Key?.slice(place.prefix.length) ?? []));
    if (!page.IsTruncated) return [...list.keys];
    const next = page.NextContinuationToken;
    if (!next) throw new Error('its list breaks off: it says that there is more, and not where');
    // A server that takes no token gives the first page forever.
    if (seen.has(next)) throw new Error('its list has no end: it names one page twice');
    seen.add(next);
    token = next;
  }
}

async function upload(bucket: Bucket, key: string, file: string): Promise<void> {
  const { client, place, wholeBytes, partBytes } = bucket;
  const { size } = await stat(file);
  const object = { bucket: place.bucket, key: place.prefix + key };
  if (size <= wholeBytes) return putNew(bucket, object.key, await readFile(file));
  if (await isThere(bucket, object.key, size)) return;
  await uploadParts(client, { ...object, file, size, partBytes });
}

/** Writes an object only if there is none: its content would be the same. */
async function putNew(bucket: Bucket, Key: string, Body: Uint8Array, attempt = 1): Promise<void> {
  const { client, place, limits } = bucket;
  const object = { Bucket: place.bucket, Key, Body };
  try {
    const { ETag } = await client.send(new PutObjectCommand({ ...object, IfNoneMatch: '*' }));
    assertAnswer(ETag);
  } catch (error) {
    const status = statusOf(error);
    // 409: somebody else wrote or removed it just then, and only another request finds out which.
    if (status === 409 && attempt < limits.tries) {
      await pause(pauseOf(attempt, limits));
      return putNew(bucket, Key, Body, attempt + 1);
    }
    if (status === 412 && (await isThere(bucket, Key, Body.length))) return;
    if (status !== 412 && status !== 501) throw error;
    assertAnswer((await client.send(new PutObjectCommand(object))).ETag);
  }
}

async function isThere({ client, place }: Bucket, Key: string, size: number): Promise<boolean> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: place.bucket, Key }));
    assertAnswer(head.ETag);
    // One of another size is not this content, which is then sent again.
    return head.ContentLength === size;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

async function download(
  bucket: Bucket,
  key: string,
  file: string,
  most: number | undefined,
): Promise<void> {
  const { partials: folder, limits, address } = bucket;
  let version: string | undefined;
  const open = async (offset: number): Promise<Content> => {
    const answer = await getFrom(bucket, key, offset, version);
    assertAnswer(answer.ETag);
    assertAnswer(answer.ContentLength?.toString());
    version = answer.ETag;
    const total = Number(/\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? answer.ContentLength);
    assertBrief({ address, key, most }, total);
    return { offset: rangeStart(answer.ContentRange, 0), total, body: bodyOf(answer) };
  };
  const place = bucket.place.endpoint ?? address;
  await receiveFile({ place, folder, name: key, open }, file, limits);
}

/** Asks for the rest of an object; all of it if what arrived before is not the beginning of what is there now. */
async function getFrom(
  { client, place, address }: Bucket,
  key: string,
  offset: number,
  version: string | undefined,
): Promise<GetObjectCommandOutput> {
  const object = { Bucket: place.bucket, Key: place.prefix + key };
  const rest = {
    ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
    ...(offset > 0 && version ? { IfMatch: version } : {}),
  };
  try {
    return await client.send(new GetObjectCommand({ ...object, ...rest }));
  } catch (error) {
    const status = statusOf(error);
    if (status === 404 && (error as Error).name !== 'NoSuchBucket') {
      throw new MainstemError('REMOTE_MISSING', { address, key }, { cause: error });
    }
    if (offset === 0 || (status !== 416 && status !== 412)) throw error;
    return client.send(new GetObjectCommand(object));
  }
}

async function* bodyOf({ Body }: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
  if (!Body) return;
  const reader = Body.transformToWebStream().getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
