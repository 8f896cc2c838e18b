import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { MainstemError } from '../../platform/lib/errors.ts';
import { protocolText, retrySecondsOf, statusOf } from '../plugins/problems.ts';

/** HTTP status → gRPC's; any other is the server's fault. */
const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  408: status.DEADLINE_EXCEEDED,
  413: status.RESOURCE_EXHAUSTED,
  415: status.UNIMPLEMENTED,
  421: status.PERMISSION_DENIED,
  422: status.INVALID_ARGUMENT,
  429: status.RESOURCE_EXHAUSTED,
  499: status.CANCELLED,
  503: status.UNAVAILABLE,
  507: status.RESOURCE_EXHAUSTED,
};

/**
 * The gRPC status of an error, in the words that REST has for it. What will pass says after how many milliseconds
 * (`grpc-retry-pushback-ms`, which clients that retry by themselves obey); what will not pass says -1: never.
 *
 * @example statusObjectOf(new MainstemError('SERVING_BUSY', { reason: '…' })).code // status.UNAVAILABLE
 */
export function statusObjectOf(error: MainstemError): StatusObject {
  const metadata = new Metadata();
  const pushback = pushbackOf(error);
  if (pushback !== null) metadata.set('grpc-retry-pushback-ms', String(pushback));
  const code = codes[statusOf(error)] ?? status.INTERNAL;
  return { code, details: protocolText(error), metadata };
}

/** What gRPC calls the status of an answer that over REST has this one. @example statusName(503) // 'UNAVAILABLE' */
export function statusName(code: number): string {
  return status[code === 200 ? status.OK : (codes[code] ?? status.INTERNAL)];
}

function pushbackOf(error: MainstemError): number | null {
  if (error.code === 'ACCESS_RATE_LIMIT') return Number(error.details.seconds) * 1000;
  if (statusOf(error) === 503) return retrySecondsOf(error) * 1000;
  return statusOf(error) === 413 || statusOf(error) === 507 ? -1 : null;
}
