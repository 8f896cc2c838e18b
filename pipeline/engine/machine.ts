import { availableParallelism, totalmem } from 'node:os';
import type { Resources } from './stage.ts';

/** Allocates the machine's processors and memory, so that stages run in parallel only if they fit. */
export interface Machine {
  /** How many threads each stage may compute on, so that all that run at once have a processor each. */
  readonly threads: number;
  /** Runs `work` as soon as its resources are free. Work that needs more than the machine has runs alone. */
  use<Result>(needs: Resources, work: () => Promise<Result>): Promise<Result>;
}

/** The resources of this machine. One GPU is assumed: a stage that needs none is not held up by it. */
export function thisMachine(): Required<Resources> {
  const memoryMb = Math.floor(totalmem() / 2 ** 20);
  return { cpus: availableParallelism(), memoryMb, gpus: 1 };
}

/** Creates an allocator for these resources. @param atOnce how many stages that compute may run at once */
export function createMachine(total: Required<Resources> = thisMachine(), atOnce = 1): Machine {
  const free = { ...total };
  const waiting: { readonly needs: Required<Resources>; readonly start: () => void }[] = [];

  const startWhatFits = () => {
    for (const job of [...waiting]) {
      if (!fits(job.needs, free)) continue;
      waiting.splice(waiting.indexOf(job), 1);
      change(free, job.needs, -1);
      job.start();
    }
  };

  return {
    threads: Math.max(1, Math.floor(total.cpus / atOnce)),
    async use(asked, work) {
      const needs = atMost(asked, total);
      await new Promise<void>((start) => {
        waiting.push({ needs, start });
        startWhatFits();
      });
      try {
        return await work();
      } finally {
        change(free, needs, 1);
        startWhatFits();
      }
    },
  };
}

type Amounts = { -readonly [Key in keyof Resources]-?: number };

function atMost({ cpus, memoryMb, gpus = 0 }: Resources, total: Amounts): Amounts {
  return {
    cpus: Math.min(cpus, total.cpus),
    memoryMb: Math.min(memoryMb, total.memoryMb),
    gpus: Math.min(gpus, total.gpus),
  };
}

function fits(needs: Amounts, free: Amounts): boolean {
  return needs.cpus <= free.cpus && needs.memoryMb <= free.memoryMb && needs.gpus <= free.gpus;
}

function change(free: Amounts, needs: Amounts, sign: 1 | -1): void {
  free.cpus += sign * needs.cpus;
  free.memoryMb += sign * needs.memoryMb;
  free.gpus += sign * needs.gpus;
}
