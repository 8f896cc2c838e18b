import {
  type Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import { MainstemError } from '../../platform/lib/errors.ts';
import { shorten } from '../../platform/lib/text.ts';
import type { Claim } from '../access/access.ts';
import { scopeOfRoute } from '../access/route-scopes.ts';
import type { Admission } from '../inference/admission.ts';
import { serverOf } from '../logs/server-of.ts';
import { traceOf } from '../logs/trace.ts';
import { authorize } from '../plugins/access.ts';
import { createHostCheck } from '../plugins/hosts.ts';
import { isOwnFault } from '../plugins/problems.ts';
import type { App, Services } from '../services.ts';
import { type CallEnd, followCall, type GrpcCall, keepCall } from './calls.ts';
import type { Method } from './methods.ts';
import { statusName } from './status.ts';
import { isGone, watchBytes } from './stream.ts';

/** Statuses that are this server's fault and nobody else's. */
const faults: ReadonlySet<string> = new Set(
  'UNKNOWN DEADLINE_EXCEEDED UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS'.split(' '),
);

/** What calls are guarded with. */
export interface GuardOptions {
  readonly services: Services;
  readonly admission: Admission;
  readonly methods: readonly Method[];
  readonly log: Pick<App['log'], 'info' | 'error'>;
}

/**
 * Guards every call before its message is read, as the hooks of REST do: which host it names, who sends it, whether there
 * is room. It counts and times calls by method, and ends the work of those that nobody waits for any more.
 */
export function createGuard(options: GuardOptions): ServerInterceptor {
  const accepts = createHostCheck(options.services.config);
  return ({ path }, base) => {
    const method = options.methods.find((one) => one.path === path);
    if (!method) throw new TypeError(`there is no method ${path}`);
    let call: GrpcCall | null = null;
    const begin = (sent: Metadata): GrpcCall => {
      const followed = followCall(base, createReport({ method, base, sent, accepts }, options));
      keepCall(sent, followed);
      return followed;
    };
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((sent, next) => {
        const followed = begin(sent);
        call = followed;
        const admitted = admit(followed, { method, base, sent, accepts }, options);
        admitted.then(() => next(sent), followed.refuse);
      })
      .withOnCancel(() => call?.end())
      .build();
    const responder = new ResponderBuilder()
      .withStart((next) => next(listener))
      .withSendStatus((sent, next) => {
        if (!isGone(base)) call?.answer(sent.code === status.OK);
        next(sent);
      })
      .build();
    return new ServerInterceptingCall(base, responder);
  };
}

/** A call as it arrives. */
interface Arrival {
  readonly method: Method;
  readonly base: ServerInterceptingCallInterface;
  readonly sent: Metadata;
  readonly accepts: (host: string) => boolean;
}

async function admit(
  call: GrpcCall,
  { method, base, sent, accepts }: Arrival,
  { services, admission }: GuardOptions,
): Promise<void> {
  const host = base.getHost();
  if (!accepts(host)) throw new MainstemError('REQUEST_HOST', { host: shorten(host) });
  await authorize(services, claimOf(sent), scopeOfRoute(method.path));
  call.signal.throwIfAborted();
  const place = method.computes ? admission.enter(call.refuse) : null;
  if (place) call.hold(place);
  watchBytes(base, {
    limit: method.bytes,
    receive: (bytes) => place?.receive(bytes),
    refuse: call.refuse,
  });
}

/** Two keys are none: nobody knows which is meant. */
function claimOf(sent: Metadata): Claim {
  const given = sent.get('authorization').join(', ');
  return {
    method: 'POST',
    headers: given === '' ? {} : { authorization: given },
    isSecure: false,
  };
}

/**
 * Counts a call as the same request over REST is counted: by its method there and the status of its answer. So objectives
 * hold for both together, and questions about metadata and health do not dilute them.
 */
function createReport(arrival: Arrival, { services, log }: GuardOptions) {
  const { method, sent } = arrival;
  const { path, computes } = method;
  const { requests, requestDuration, requestsInFlight } = services.instruments;
  const labels = { method: computes ? 'POST' : 'GET', route: path };
  requestsInFlight.inc();
  return ({ code, seconds, error }: CallEnd): void => {
    requestsInFlight.dec();
    requests.inc({ ...labels, code: String(code) });
    requestDuration.observe(labels, seconds);
    const traceparent = sent.get('traceparent').join(', ');
    const trace = traceOf(traceparent);
    if (computes) services.spans?.add({ ...describe(arrival, code), trace, traceparent, seconds });
    if (error && isOwnFault(error)) log.error({ ...trace, err: error, path }, error.message);
    else if (computes) log.info({ ...trace, path, code, seconds }, 'call completed');
  };
}

/** For its span, by https://opentelemetry.io/docs/specs/semconv/rpc/grpc/. */
function describe({ method: { path }, base, sent }: Arrival, code: number) {
  const name = path.slice(1);
  const answered = statusName(code);
  return {
    name,
    tracestate: sent.get('tracestate').join(','),
    attributes: {
      'rpc.system.name': 'grpc',
      'rpc.method': name,
      'rpc.response.status_code': answered,
      ...serverOf(base.getHost()),
    },
    error: faults.has(answered) ? answered : null,
  };
}
