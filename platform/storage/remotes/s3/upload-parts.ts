import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { assertAnswer } from './assert-answer.ts';

const mostParts = 10_000;

/** An object to be. */
export interface PartsOf {
  readonly bucket: string;
  readonly key: string;
  readonly file: string;
  readonly size: number;
  /** Larger for objects that would have more than 10,000 parts. */
  readonly partBytes: number;
}

/** A part that the server has. */
interface Part {
  readonly PartNumber: number;
  readonly ETag: string;
}

/**
 * Uploads a large file in parts, and completes it only if nobody else has. Parts that a process uploaded before it was
 * killed are found on the server and not sent again.
 */
export async function uploadParts(client: S3Client, object: PartsOf): Promise<void> {
  const { bucket: Bucket, key: Key } = object;
  const partBytes = Math.max(object.partBytes, Math.ceil(object.size / mostParts));
  const { UploadId, known } = await findUpload(client, object);
  const file = await open(object.file);
  const parts: Part[] = [];
  try {
    for (let at = 0; at < object.size; at += partBytes) {
      const bytes = await readSlice(file, at, Math.min(partBytes, object.size - at));
      const PartNumber = parts.length + 1;
      const ETag = known.get(PartNumber);
      if (ETag && ETag.replaceAll('"', '') === md5(bytes)) {
        parts.push({ PartNumber, ETag });
        continue;
      }
      const sent = await client.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: bytes }),
      );
      assertAnswer(sent.ETag);
      parts.push({ PartNumber, ETag: sent.ETag ?? '' });
    }
  } finally {
    await file.close();
  }
  const completed = await client.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: parts },
    }),
  );
  assertAnswer(completed.ETag);
}

/** Gives up whatever was begun for a key. */
export async function abortUploads(client: S3Client, bucket: string, key: string): Promise<void> {
  const listed = await client.send(
    new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key }),
  );
  for (const { Key, UploadId } of listed.Uploads ?? []) {
    if (Key !== key) continue;
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  }
}

/** The latest upload that was begun for this key with its parts, or a new one. */
async function findUpload(
  client: S3Client,
  { bucket: Bucket, key: Key }: PartsOf,
): Promise<{ UploadId: string; known: ReadonlyMap<number, string> }> {
  // A server without this list only costs the resumption.
  const listed = await client
    .send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }))
    .catch(() => ({ Uploads: [] }));
  const begun = (listed.Uploads ?? [])
    .filter((upload) => upload.Key === Key)
    .sort((a, b) => Number(a.Initiated ?? 0) - Number(b.Initiated ?? 0))
    .at(-1)?.UploadId;
  if (begun)
    return { UploadId: begun, known: await listParts(client, { Bucket, Key, UploadId: begun }) };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  assertAnswer(UploadId);
  return { UploadId: UploadId ?? '', known: new Map() };
}

async function listParts(
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string },
): Promise<ReadonlyMap<number, string>> {
  const known = new Map<number, string>();
  for (let marker: string | undefined; ; ) {
    const page = await client.send(
      new ListPartsCommand({ ...upload, ...(marker ? { PartNumberMarker: marker } : {}) }),
    );
    for (const { PartNumber, ETag } of page.Parts ?? []) {
      if (PartNumber && ETag) known.set(PartNumber, ETag);
    }
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
    if (!marker) return known;
  }
}

async function readSlice(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead < length) throw new Error('the file became shorter while it was sent');
  return bytes;
}

/** Servers name a part by its MD5; where one does not, the part is sent again. */
function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
