/** Something that waits its turn in a concurrency group. */
export interface Waiter {
  /** Ends it, whether it waits or runs. */
  cancel(why: string): void;
}

interface Place {
  readonly waiter: Waiter;
  start(): void;
}

interface Lane {
  running: Place | null;
  pending: Place[];
}

export interface LaneRules {
  readonly cancelInProgress: boolean;
  /** `max` keeps up to a hundred waiting; otherwise a newcomer replaces whoever waits. */
  readonly queue: 'single' | 'max';
}

const longestQueue = 100;

/** The concurrency groups of a repository: one runs, and by default one waits. */
export interface Lanes {
  /** Resolves when it is the waiter's turn. */
  enter(group: string, waiter: Waiter, rules: LaneRules): Promise<void>;
  /** Gives the place to the next one. */
  leave(group: string, waiter: Waiter): void;
}

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>();
  return {
    enter: (group, waiter, rules) =>
      new Promise((start) => {
        const name = group.toLowerCase();
        const lane = lanes.get(name) ?? { running: null, pending: [] };
        lanes.set(name, lane);
        join(lane, { waiter, start }, rules);
      }),
    leave: (group, waiter) => {
      const lane = lanes.get(group.toLowerCase());
      if (!lane) return;
      lane.pending = lane.pending.filter((place) => place.waiter !== waiter);
      if (lane.running?.waiter !== waiter) return;
      lane.running = lane.pending.shift() ?? null;
      lane.running?.start();
    },
  };
}

function join(lane: Lane, place: Place, rules: LaneRules): void {
  if (lane.running === null) {
    lane.running = place;
    place.start();
    return;
  }
  const replaced = rules.queue === 'max' ? [] : lane.pending.splice(0);
  if (lane.pending.length >= longestQueue) replaced.push(...lane.pending.splice(0, 1));
  lane.pending.push(place);
  for (const { waiter } of replaced) waiter.cancel('a newer request waits in its group');
  if (rules.cancelInProgress) lane.running.waiter.cancel('a newer request cancels it');
}
