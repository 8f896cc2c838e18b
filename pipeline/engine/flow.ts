import type { Static, TSchema } from 'typebox';
import { MainstemError } from '../../platform/lib/errors.ts';
import { type Digest, digestJson } from '../../platform/lib/hash.ts';
import { createEngine, type Engine, type Selection } from './engine.ts';
import type { FlowOptions, FlowSelection } from './flow-options.ts';
import type { Handle, HandledInputs } from './handle.ts';
import { createJob, type Job } from './job.ts';
import { createMachine } from './machine.ts';
import type { JobOutcome, StageSummary } from './outcome.ts';
import type { Stage } from './stage.ts';

/** How a stage is used in a flow. */
export interface StageOptions {
  /** Name in the flow, if the stage is used twice. */
  readonly as?: string;
  /** Stages that must have succeeded first although none of their outputs is an input. */
  readonly after?: readonly Handle<unknown>[];
}

/** A pipeline: stages are declared with their inputs, and `finish` runs those that have no result yet. */
export interface Flow {
  /** Declares a stage. Inputs may be handles of stages declared before. */
  stage<Inputs extends object, Outputs extends TSchema>(
    stage: Stage<Inputs, Outputs>,
    inputs: HandledInputs<Inputs>,
    options?: StageOptions,
  ): Handle<Static<Outputs>>;
  /**
   * Runs all stages, independent ones in parallel. A failed stage stops those that depend on it; the others finish.
   *
   * @returns the outcome of each stage, in the order of declaration.
   * @throws MainstemError STAGE_UNKNOWN if `from` or `to` is not the name of a stage, STAGE_RANGE if `to` was declared
   *   before `from`.
   */
  finish(): Promise<StageSummary[]>;
  /** Throws the error of the first failed stage, if any. */
  assertSucceeded(): void;
  /**
   * The digest of all that goes into the declared stages from outside: code, packages, parameters, data, backend. Machines on which
   * it is equal come to the same run keys. To be asked before `finish`.
   */
  recipe(): Promise<Digest>;
}

/** Creates an empty pipeline. */
export function createFlow(options: FlowOptions): Flow {
  const jobs = new Map<string, Job>();
  let outcomes: JobOutcome[] = [];
  return {
    stage(stage, inputs, { as, after = [] } = {}) {
      const name = as ?? stage.name;
      if (jobs.has(name)) throw new TypeError(`two stages are called "${name}"; give one an "as"`);
      const { job, handle } = createJob(stage, inputs, {
        name,
        after: after.map((other) => other.name),
      });
      jobs.set(name, job);
      return handle;
    },
    async finish() {
      const selection = select(jobs, options);
      const engine = await createEngine({ machine: createMachine(), ...options }, selection, jobs);
      outcomes = await settleAll(jobs, engine);
      await engine.close();
      return outcomes.map(({ summary }) => summary);
    },
    async recipe() {
      const engine = await createEngine({ machine: createMachine(), ...options }, none, jobs);
      const parts = new Map<string, Digest>();
      for (const job of jobs.values()) parts.set(job.name, await engine.recipe(job));
      await engine.close();
      return digestJson(Object.fromEntries(parts));
    },
    assertSucceeded() {
      const failed = outcomes.find(({ summary }) => summary.action === 'failed');
      if (failed) throw failed.error;
    },
  };
}

/** Nothing is to run. */
const none: Selection = { forced: new Map(), wanted: new Set() };

async function settleAll(jobs: ReadonlyMap<string, Job>, engine: Engine): Promise<JobOutcome[]> {
  const settled = new Map<string, Promise<JobOutcome>>();
  for (const job of jobs.values()) {
    // Stages are declared after those they need, so those are already in the map.
    const needs = [...job.inputsFrom, ...job.after].flatMap((name) => settled.get(name) ?? []);
    settled.set(
      job.name,
      Promise.all(needs).then((upstream) => engine.settle(job, upstream)),
    );
  }
  return Promise.all(settled.values());
}

/** Which stages must run again, and which are wanted. */
function select(
  jobs: ReadonlyMap<string, Job>,
  { force, from, to }: FlowSelection,
): { forced: ReadonlyMap<string, string>; wanted: ReadonlySet<string> } {
  const known = [...jobs.keys()];
  for (const name of [from, to]) {
    if (name === undefined || jobs.has(name)) continue;
    throw new MainstemError('STAGE_UNKNOWN', { name, known: known.join(', ') });
  }
  if (from !== undefined && to !== undefined && known.indexOf(to) < known.indexOf(from)) {
    throw new MainstemError('STAGE_RANGE', { from, to, known: known.join(', ') });
  }
  const needs = (name: string): Set<string> => {
    const job = jobs.get(name);
    const direct = job ? [...job.inputsFrom, ...job.after] : [];
    return new Set([name, ...direct.flatMap((other) => [...needs(other)])]);
  };
  const following = known.filter((name) => from !== undefined && needs(name).has(from));
  const forced = force
    ? known.map((name) => [name, '--force'] as const)
    : following.map((name) => [name, `--from ${from}`] as const);
  return { forced: new Map(forced), wanted: to === undefined ? new Set(known) : needs(to) };
}
