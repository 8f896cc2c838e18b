import type { Static, TSchema } from 'typebox';
import type { Project } from '../../platform/schemas/define/index.ts';
import type { BlobStore, Workspace } from '../../platform/schemas/index.ts';

/** What a stage needs from the machine; stages run in parallel if their sum fits. */
export interface Resources {
  readonly cpus: number;
  readonly memoryMb: number;
  readonly gpus?: number;
}

/** What a running stage gets besides its inputs. */
export interface StageContext {
  readonly workspace: Workspace;
  readonly store: BlobStore;
  readonly project: Project;
  /** Scratch folder of this run key; kept if the run is killed, so that it can resume, and removed when it is done. */
  readonly scratch: string;
  /** Threads that it may compute on beside what runs at the same time; left out, as many as there are processors. */
  readonly threads?: number | undefined;
}

/** What a stage's own folder says of it; its name and the schema of its outputs are in the table of stages. */
export interface StageWork<Inputs extends object, Outputs> {
  /** The module whose import graph is the stage's code: `import.meta.filename`. */
  readonly entry: string;
  /**
   * More modules whose code decides the result, for example the project's model.ts. Absolute paths.
   *
   * @param backend name of the tensor backend among the inputs; '' without one.
   */
  readonly code?: (project: Project, backend: string) => readonly string[];
  /** The top-level keys of params.json that it reads; it is given no others. */
  readonly parameters: readonly string[];
  /** Class of the tensor backend, part of the key; '' if none is used. */
  readonly backend?: string;
  readonly resources: Resources;
  readonly run: (
    context: StageContext,
    inputs: Inputs,
    parameters: Readonly<Record<string, unknown>>,
  ) => Promise<Outputs>;
}

/** One step of the pipeline: a function of its inputs, the parameters it names and its own code. */
export interface Stage<Inputs extends object, Outputs extends TSchema>
  extends StageWork<Inputs, Static<Outputs>> {
  readonly name: string;
  readonly outputs: Outputs;
}

/** Declares a stage; it returns its argument and exists so that types are inferred. */
export function defineStage<Inputs extends object, Outputs extends TSchema>(
  stage: Stage<Inputs, Outputs>,
): Stage<Inputs, Outputs> {
  return stage;
}
