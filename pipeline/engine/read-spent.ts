import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Spent } from '../../platform/schemas/index.ts';
import { processTree } from './process-tree.ts';

/** What has been spent up to now; only differences of it mean anything. */
export type Counters = Pick<Spent, 'processorSeconds' | 'joules'>;
export type ReadSpent = () => Counters;

/** Linux counts in hundredths of a second here, whatever its kernel's own clock is. */
const ticksPerSecond = 100;

/**
 * Creates a reader of the processor time of this process and all below it, and of the energy of the processor packages.
 * Both come from Linux's own files; what a machine does not have or does not let this user read is null.
 *
 * @param folders where Linux has them, for tests
 */
export function createSpentReader(
  folders = { proc: '/proc', powercap: '/sys/class/powercap' },
): ReadSpent {
  const readJoules = createEnergyReader(folders.powercap);
  return () => ({ processorSeconds: readProcessorSeconds(folders.proc), joules: readJoules() });
}

function readProcessorSeconds(proc: string): number | null {
  try {
    const [self = 'self', ...others] = processTree(proc);
    const ticks = others.reduce((sum, id) => sum + ticksOrNothing(proc, id), ticksOf(proc, self));
    return ticks / ticksPerSecond;
  } catch {
    return null;
  }
}

/** A process's own ticks, and those of its children that have ended. */
function ticksOf(proc: string, id: string): number {
  const stat = readFileSync(join(proc, id, 'stat'), 'utf8');
  // The second field is a name in brackets, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** A child may end while one looks; its parent counts it then. */
function ticksOrNothing(proc: string, id: string): number {
  try {
    return ticksOf(proc, id);
  } catch {
    return 0;
  }
}

interface EnergyCounter {
  readonly path: string;
  /** Microjoules at which it starts again from 0. */
  readonly range: number;
  last: number;
}

/** Adds up the counters of all processor packages; each starts again from 0 when it is full. */
function createEnergyReader(powercap: string): () => number | null {
  const counters = findCounters(powercap);
  let microjoules = 0;
  return () => {
    if (counters.length === 0) return null;
    for (const counter of counters) {
      const now = readNumber(counter.path) ?? counter.last;
      microjoules += now < counter.last ? now + counter.range - counter.last : now - counter.last;
      counter.last = now;
    }
    return microjoules / 1e6;
  };
}

/** The packages only: cores and memory controllers below them are part of them, and `psys` is the sum. */
function findCounters(powercap: string): EnergyCounter[] {
  try {
    return readdirSync(powercap).flatMap((zone) => {
      const name = readFileSync(join(powercap, zone, 'name'), 'utf8');
      const path = join(powercap, zone, 'energy_uj');
      const last = /^package/.test(name) ? readNumber(path) : null;
      const range = readNumber(join(powercap, zone, 'max_energy_range_uj')) ?? 0;
      return last === null ? [] : [{ path, range, last }];
    });
  } catch {
    return [];
  }
}

/** Null where there is none, or only for the administrator. */
function readNumber(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
