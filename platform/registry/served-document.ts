import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { MainstemError } from '../lib/errors.ts';
import { digestBytes, hexOf } from '../lib/hash.ts';
import { parseVersioned } from '../lib/parse-versioned.ts';
import type { ServedFiles } from './served-files.ts';

/*
 * What a branch serves, as a document under a key of a remote, for servers that cannot reach git. Whoever may write to a remote may
 * write such a key, so it counts by its signature only, which is looked at before anything else of it is read: the first line is the
 * signature of all that follows. Keys of a remote never change: each document has its own, with a number that grows, and the
 * greatest counts.
 */

/** What serves, and since when. */
export interface ServedDocument extends ServedFiles {
  readonly branch: string;
  /** Greater than that of every document before. */
  readonly sequence: number;
}

const Payload = Type.Object({
  version: Type.Literal(1),
  branch: Type.String(),
  sequence: Type.Integer({ minimum: 1 }),
  commit: Type.String({ pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$' }),
  files: dictionary(Type.String()),
});

/** The first line: by Ed25519, in base64. */
const signatureLine = /^([A-Za-z0-9+/]{86}==)\n$/;
const signatureBytes = 89;

/** The paths of pointers and records. */
const served =
  /^models\/(?!\.)[^/\\:\p{Cc}]+\/((production|canary|shadow)|records\/[0-9a-f]{12})\.json$/u;

/** The beginning of the keys of all documents. */
export const servedFolder = 'serving/';

/** The beginning of the keys of a branch's documents. */
export function servedPrefix(branch: string): string {
  const plain = /^[a-z0-9][a-z0-9-]{0,39}$/.test(branch);
  return `${servedFolder}${plain ? branch : hexOf(digestBytes(branch)).slice(0, 40)}.`;
}

/** The key of a document. */
export const servedKey = (branch: string, sequence: number): string =>
  `${servedPrefix(branch)}${String(sequence).padStart(15, '0')}.signed`;

/** The number in a key; null for a key that is none of a document. */
export function sequenceOf(branch: string, key: string): number | null {
  const prefix = servedPrefix(branch);
  const digits = key.startsWith(prefix)
    ? /^(\d{15})\.signed$/.exec(key.slice(prefix.length))
    : null;
  return digits ? Number(digits[1]) : null;
}

/** Writes and signs a document. */
export function signServed(
  { branch, sequence, commit, files }: ServedDocument,
  privateKey: KeyObject,
): string {
  const texts = [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]);
  const content = { version: 1, branch, sequence, commit, files: Object.fromEntries(texts) };
  const payload = `${JSON.stringify(content)}\n`;
  const signature = sign(null, Buffer.from(payload), privateKey).toString('base64');
  return `${signature}\n${payload}`;
}

/** What a document must be. */
export interface ExpectedDocument {
  readonly key: string;
  readonly branch: string;
  readonly sequence: number;
  readonly publicKey: KeyObject;
}

/**
 * Reads a document. The signature is checked before anything is parsed: only who holds the key can make this one work.
 *
 * @throws MainstemError FOLLOW_UNSIGNED where the key did not sign it or it is not what its key says; JSON_INVALID
 */
export function readServed(
  bytes: Uint8Array,
  { key, branch, sequence, publicKey }: ExpectedDocument,
): ServedDocument {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const [, signature] = signatureLine.exec(text.toString('latin1', 0, signatureBytes)) ?? [];
  if (signature === undefined)
    throw new MainstemError('FOLLOW_UNSIGNED', { key, reason: 'it begins with no signature' });
  const payload = text.subarray(signatureBytes);
  if (!verify(null, payload, publicKey, Buffer.from(signature, 'base64')))
    throw new MainstemError('FOLLOW_UNSIGNED', { key, reason: 'another key signed it' });
  const document = parseVersioned(payload.toString(), Payload, key);
  if (document.branch !== branch || document.sequence !== sequence)
    throw new MainstemError('FOLLOW_UNSIGNED', {
      key,
      reason: 'it was published under another key',
    });
  const paths = Object.keys(document.files);
  const odd = paths.find((path) => !served.test(path));
  if (odd !== undefined)
    throw new MainstemError('FOLLOW_UNSIGNED', { key, reason: `it holds ${JSON.stringify(odd)}` });
  const files = Object.entries(document.files).map(
    ([path, content]) => [path, Buffer.from(content)] as const,
  );
  return { branch, sequence, commit: document.commit, files: new Map(files) };
}

/** The private half of a key pair: Ed25519, in PEM. @throws MainstemError FOLLOW_KEY_INVALID */
export function parsePrivateKey(text: string): KeyObject {
  return parseKey(text, (pem) => createPrivateKey(pem));
}

/** The public half of a key pair: Ed25519, in PEM or the base64 in it. @throws MainstemError FOLLOW_KEY_INVALID */
export function parsePublicKey(text: string): KeyObject {
  const isPem = text.includes('-----');
  return parseKey(text, () =>
    isPem
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' }),
  );
}

function parseKey(text: string, parse: (text: string) => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse(text);
  } catch (cause) {
    throw new MainstemError('FOLLOW_KEY_INVALID', { reason: 'cannot be read' }, { cause });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  const reason = `is of the kind ${key.asymmetricKeyType}`;
  throw new MainstemError('FOLLOW_KEY_INVALID', { reason });
}
