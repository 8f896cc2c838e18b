import type { Metadata, ServerInterceptingCallInterface, StatusObject } from '@grpc/grpc-js';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { Place } from '../inference/admission.ts';
import { statusOf, translateError } from '../plugins/problems.ts';
import { statusObjectOf } from './status.ts';

/** A call and its answer, until the last byte is sent or the client is gone: what `Exchange` is to REST. */
export interface GrpcCall {
  /** Aborted when nobody needs the answer any more: the client left, or its deadline has passed. */
  readonly signal: AbortSignal;
  /** Holds a place in the admission until the end. */
  hold(place: Place): void;
  /** Answers with an error at once, and gives the work up. */
  refuse(error: unknown): void;
  /** The status of an error that the method itself answers with. */
  fail(error: unknown): StatusObject;
  /** The message is whole: from now on the client waits. */
  begin(): void;
  /** Notes the status that is being sent. @param isOk whether it is a success */
  answer(isOk: boolean): void;
  /** Everything is sent, or nobody receives it. */
  end(): void;
}

/** How a call ended. */
export interface CallEnd {
  /** The HTTP status that the same answer has under REST; 499 if the client did not wait for it. */
  readonly code: number;
  readonly seconds: number;
  /** What it was refused for, or failed with. */
  readonly error: MainstemError | null;
}

/** Time in which a message must have arrived, as for REST. */
const arrivalMs = 60_000;
/** As nginx counts a client that left. A deadline that has passed is the same: nobody waits any more. */
const clientGone = 499;

/**
 * Follows a call to its end.
 *
 * @param onEnd called once, however it ends.
 */
export function followCall(
  call: Pick<ServerInterceptingCallInterface, 'sendStatus'>,
  onEnd: (end: CallEnd) => void,
): GrpcCall {
  const began = performance.now();
  const controller = new AbortController();
  let error: MainstemError | null = null;
  let code: number | null = null;
  let ended = false;
  let place: Place | null = null;

  const fail = (cause: unknown): StatusObject => {
    error ??= translateError(cause instanceof Error ? cause : new Error(String(cause)));
    code ??= statusOf(error);
    return statusObjectOf(error);
  };
  const refuse = (cause: unknown) => {
    call.sendStatus(fail(cause));
    controller.abort(error);
  };
  const timer = setTimeout(() => refuse(new MainstemError('REQUEST_SLOW')), arrivalMs).unref();
  return {
    ...{ signal: controller.signal, refuse, fail },
    hold(taken) {
      place = taken;
    },
    begin() {
      clearTimeout(timer);
      place?.begin();
    },
    answer(isOk) {
      // What the library refuses by itself is not as the protocol says.
      code ??= isOk ? 200 : 400;
    },
    end() {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      place?.leave();
      controller.abort(new MainstemError('REQUEST_ABORTED'));
      const seconds = (performance.now() - began) / 1000;
      onEnd({ code: code ?? clientGone, seconds, error });
    },
  };
}

const calls = new WeakMap<Metadata, GrpcCall>();

/** Remembers a call by its metadata, which the library hands to its method. */
export function keepCall(metadata: Metadata, call: GrpcCall): void {
  calls.set(metadata, call);
}

/** The call with this metadata. @throws TypeError for one that was not followed */
export function callOf(metadata: Metadata): GrpcCall {
  const call = calls.get(metadata);
  if (!call) throw new TypeError('the call is not followed');
  return call;
}
