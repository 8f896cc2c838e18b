import type { Static, TSchema } from 'typebox';
import { MainstemError } from '../../platform/lib/errors.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { Handle, type HandledInputs } from './handle.ts';
import { asJson } from './ingredients.ts';
import type { Stage, StageContext } from './stage.ts';

/** A stage with its inputs in a flow, without its specific types. */
export interface Job {
  /** Unique in the flow; the stage's own name unless it is used twice. */
  readonly name: string;
  readonly stage: Omit<Stage<object, TSchema>, 'run'>;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Input → name of the job whose outputs it is; other inputs are not in it. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names of the jobs whose outputs are inputs. */
  readonly inputsFrom: readonly string[];
  /** Names of the jobs that must have succeeded first. */
  readonly after: readonly string[];
  /** Runs the stage and checks what it returns. @throws MainstemError STAGE_OUTPUT_INVALID, and the stage's own */
  readonly run: (
    context: StageContext,
    inputs: Readonly<Record<string, unknown>>,
    parameters: Readonly<Record<string, unknown>>,
  ) => Promise<unknown>;
  /** Accepts outputs as the stage's result. @throws MainstemError JSON_INVALID if they do not match its schema */
  readonly accept: (outputs: unknown) => void;
}

/** Creates the job of a stage with its inputs; the handle gives access to its outputs. */
export function createJob<Inputs extends object, Outputs extends TSchema>(
  stage: Stage<Inputs, Outputs>,
  inputs: HandledInputs<Inputs>,
  { name, after }: { readonly name: string; readonly after: readonly string[] },
): { job: Job; handle: Handle<Static<Outputs>> } {
  const handle = new Handle<Static<Outputs>>(name);
  const sources = new Map(
    Object.entries(inputs).flatMap(([input, from]) =>
      from instanceof Handle ? [[input, from.name] as const] : [],
    ),
  );
  const job: Job = {
    name,
    stage,
    inputs: { ...inputs },
    sources,
    inputsFrom: [...sources.values()],
    after,
    run: async (context, resolved, parameters) =>
      // `resolved` is `inputs` with the outputs in place of the handles, so it has the stage's type.
      outputsOf(stage, await stage.run(context, resolved as Inputs, parameters)),
    accept: (outputs) =>
      handle.resolve(parseValue(outputs, stage.outputs, `the output of ${name}`)),
  };
  return { job, handle };
}

/** The inputs with outputs in place of handles; inputs whose outputs are unknown are left out. */
export function resolveInputs({ inputs }: Job): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs)
      .map(([key, input]) => [key, input instanceof Handle ? input.outputs : input] as const)
      .filter(([key, value]) => value !== null || inputs[key] === null),
  );
}

/** Exactly what a record would return, so that a first run and a reused one pass on the same values. */
function outputsOf(stage: { name: string; outputs: TSchema }, returned: unknown): unknown {
  try {
    return parseValue(asJson(returned), stage.outputs, 'the returned value');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MainstemError('STAGE_OUTPUT_INVALID', { stage: stage.name, reason }, { cause });
  }
}
