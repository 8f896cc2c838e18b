import { ownValue } from './own-value.ts';
import { systemErrorText } from './system-errors.ts';

/** Why there was no answer. */
export interface FetchFailure {
  /** In words, for a sentence: "there is no host of this name". */
  readonly reason: string;
  /** Whether the same request may be answered a moment later. */
  readonly passes: boolean;
}

/**
 * What went wrong when `fetch`, or a client over Node's own requests, got no answer: `fetch` says only "fetch failed" and
 * hides the reason in the cause, in the words of its own insides.
 *
 * @example explainFetch(await fetch('http://localhost:1').catch((error) => error))
 * // { reason: 'its port belongs to another service, and fetch never asks it', passes: false }
 */
export function explainFetch(error: unknown): FetchFailure {
  const causes = causesOf(error);
  for (const cause of causes) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
    const known = systemErrorText(code)?.reason ?? ownValue(passing, code);
    if (known) return { reason: known, passes: true };
    const lasting = lastingReason(code, cause.message);
    if (lasting) return { reason: lasting, passes: false };
  }
  const [first, second] = causes;
  const isEmpty = first?.message === 'fetch failed' || first?.message === 'terminated';
  return { reason: ((isEmpty && second) || first)?.message ?? String(error), passes: true };
}

/**
 * Why an answer that had begun did not come whole, in words; null if that is not what an error is about. Who reads the rest of it
 * takes it for something else.
 */
export function breakIn(error: unknown): string | null {
  for (const cause of causesOf(error)) {
    if (!('code' in cause) || typeof cause.code !== 'string') continue;
    const reason = systemErrorText(cause.code)?.reason ?? ownValue(passing, cause.code);
    if (reason) return reason;
  }
  return null;
}

/**
 * An address that somebody else's answer names, which must be one of the web.
 *
 * @param what what names it, for the error: "names a token server"
 * @throws Error if it is no address, or of another kind than http: and https:
 */
export function webAddress(text: string, base: URL, what: string): URL {
  const url = URL.parse(text, base);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new Error(`${what} at an address that is none of the web`);
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  let next = error;
  while (next instanceof Error && !causes.includes(next)) {
    causes.push(next);
    // Of several addresses of one host each has failed, and most often for the same reason.
    next = next instanceof AggregateError ? next.errors[0] : next.cause;
  }
  return causes;
}

const closed = 'the other side closed the connection';
const silent = 'there was no answer in time';
const passing: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: closed,
  UND_ERR_CONNECT_TIMEOUT: silent,
  UND_ERR_HEADERS_TIMEOUT: silent,
  UND_ERR_BODY_TIMEOUT: silent,
  TimeoutError: silent,
};

const foreignRedirect = 'it redirects to an address that is none of the web';
const tooManyHeaders = 'its headers are longer than anybody needs';
const noHttp = 'what answers there does not speak HTTP';
const untrusted = 'its certificate is of nobody that this machine trusts (NODE_EXTRA_CA_CERTS)';
const codes: Readonly<Record<string, string>> = {
  ERR_INVALID_URL: foreignRedirect,
  UND_ERR_HEADERS_OVERFLOW: tooManyHeaders,
  HPE_HEADER_OVERFLOW: tooManyHeaders,
  HTTPParserError: noHttp,
  Z_DATA_ERROR: 'its answer is not compressed as it says',
  Z_BUF_ERROR: 'its answer is not compressed as it says',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet, or this clock is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
};
const messages: Readonly<Record<string, string>> = {
  // https://fetch.spec.whatwg.org/#port-blocking
  'bad port': 'its port belongs to another service, and fetch never asks it',
  'redirect count exceeded': 'it redirects without end',
  'unexpected redirect': 'it redirects, which is not followed here',
  'URL scheme must be a HTTP(S) scheme': foreignRedirect,
};

function lastingReason(code: string, message: string): string | undefined {
  const known = ownValue(codes, code);
  if (known) return known;
  if (code.startsWith('HPE_')) return noHttp;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return 'it does not speak TLS as this machine does, or not at all (https: in place of http:)';
  return ownValue(messages, message);
}
