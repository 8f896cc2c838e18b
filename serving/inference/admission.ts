import { MainstemError } from '../../platform/lib/errors.ts';

/** A request's place among those that are read, wait or are computed. */
export interface Place {
  /** Counts bytes of the body, which stay in memory until the place is left. @throws MainstemError SERVING_BUSY */
  receive(bytes: number): void;
  /** The body has arrived: the request cannot be displaced any more. */
  begin(): void;
  /** Gives the place and its bytes back. */
  leave(): void;
}

/** Bounds how many requests, and how many of their bytes, the server holds at once. */
export interface Admission {
  /**
   * Takes a place, before the body is read.
   *
   * @param displace called if the request is still arriving while others need its place.
   * @param cost as how many requests it counts. It takes half of all places at most, so that others always find the other half.
   * @throws MainstemError SERVING_BUSY
   */
  enter(displace: (reason: MainstemError) => void, cost?: number): Place;
  /** Whether {@link enter} would throw. */
  isFull(): boolean;
}

/** Bodies that are still arriving after this time give way if there is no room for others. */
const graceMs = 2000;

interface Guest {
  readonly since: number;
  readonly displace: (reason: MainstemError) => void;
  readonly places: number;
  bytes: number;
}

/**
 * Creates the admission of a server. Where it is full, a request that has been arriving for more than two seconds gives
 * way: clients that send slowly on purpose cannot keep others out.
 *
 * @param limits requests and bytes held at once. @param now milliseconds of a clock that never goes back.
 */
export function createAdmission(
  limits: { readonly requests: number; readonly bytes: number },
  now = () => performance.now(),
): Admission {
  /** Oldest first. */
  const arriving = new Set<Guest>();
  const inside = new Set<Guest>();
  let bytes = 0;
  let taken = 0;
  const half = Math.max(1, Math.floor(limits.requests / 2));

  const leave = (guest: Guest) => {
    if (!inside.delete(guest)) return;
    arriving.delete(guest);
    bytes -= guest.bytes;
    taken -= guest.places;
  };
  const findSlowest = (): Guest | undefined => {
    const [oldest] = arriving;
    return oldest && now() - oldest.since >= graceMs ? oldest : undefined;
  };
  const displaceSlowest = (): boolean => {
    const slowest = findSlowest();
    if (!slowest) return false;
    leave(slowest);
    slowest.displace(busy('others need the place of a request that arrives slowly'));
    return true;
  };

  return {
    isFull: () => taken >= limits.requests && !findSlowest(),
    enter(displace, cost = 1) {
      const places = Math.min(cost, half);
      while (taken + places > limits.requests) {
        if (!displaceSlowest()) throw busy(`${inside.size} requests are already waiting`);
      }
      const guest: Guest = { since: now(), displace, places, bytes: 0 };
      inside.add(guest);
      taken += places;
      arriving.add(guest);
      return {
        receive(count) {
          if (!inside.has(guest)) return;
          guest.bytes += count;
          bytes += count;
          while (bytes > limits.bytes && inside.has(guest)) {
            if (!displaceSlowest()) throw busy('it holds all the bytes it can');
          }
        },
        begin: () => arriving.delete(guest),
        leave: () => leave(guest),
      };
    },
  };
}

function busy(reason: string): MainstemError {
  return new MainstemError('SERVING_BUSY', { reason });
}
