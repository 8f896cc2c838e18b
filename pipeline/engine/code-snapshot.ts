import { type Code, readCode } from './code.ts';
import { explainCode } from './explain.ts';
import type { FlowOptions } from './flow-options.ts';
import { backendNameOf } from './ingredients.ts';
import type { Job } from './job.ts';
import type { Readers } from './readers.ts';

/**
 * The code of a flow's jobs as it was when the flow began. All keys of a run are made of it: what the process has loaded
 * by then computes the later stages too, whatever is edited meanwhile.
 */
export interface CodeSnapshot {
  /** The code that decides a job's result. @throws MainstemError CODE_INVALID, CODE_MISSING */
  codeOf(job: Job): Promise<Code>;
  /** What of a job's code differs now, in sentences; empty if nothing does. */
  changesOf(job: Job): Promise<string[]>;
}

/** Reads the code of some jobs; what is wrong with that of one job is thrown to who asks for it. */
export function takeCodeSnapshot(
  { workspace, project }: FlowOptions,
  jobs: Iterable<Job>,
  readers: Readers,
): CodeSnapshot {
  const read = (job: Job): Promise<Code> => {
    const named = job.stage.code?.(project, backendNameOf(job.inputs)) ?? [];
    return readCode(workspace.root, [job.stage.entry, ...named], readers);
  };
  const taken = new Map<string, Promise<Code>>();
  for (const job of jobs) {
    const code = read(job);
    code.catch(() => undefined);
    taken.set(job.name, code);
  }
  const codeOf = (job: Job) => taken.get(job.name) ?? read(job);
  return {
    codeOf,
    async changesOf(job) {
      const before = await codeOf(job);
      try {
        return explainCode(before, await read(job));
      } catch (error) {
        return [error instanceof Error ? error.message : String(error)];
      }
    },
  };
}
