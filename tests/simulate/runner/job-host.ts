import type { Conclusion, Forge, JobResult, Run, Token } from '../github/state.ts';
import type { Scope } from './node.ts';

/** What a step left behind. */
export interface StepOutcome {
  readonly outputs: Readonly<Record<string, string>>;
  readonly outcome: Conclusion;
  readonly conclusion: Conclusion;
}

/** Where in a run something takes place. */
export interface StepPoint {
  readonly workflow: string;
  readonly job: string;
  readonly step: string;
  readonly attempt: number;
}

export interface RunnerOptions {
  /** Folder for workspaces. */
  readonly folder: string;
  /** Installed packages that every workspace links instead of installing them. */
  readonly nodeModules: string;
  /** The Node that runs JavaScript actions, and that setup-node puts on the path. */
  readonly node: string;
  /** Where Node keeps compiled code between jobs and between runners; nowhere if it is absent. */
  readonly compiled?: string;
  /** Added to every step's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Jobs at a time. @default 2 */
  readonly parallel?: number;
  /** Labels of self-hosted runners; their workspaces outlive the job. */
  readonly labels?: readonly string[];
  /** Workflows that run, by file name; all where it is absent. */
  readonly only?: readonly string[];
  /** Is asked before each process of a step: a number kills the runner so many milliseconds into it. */
  readonly onStep?: (point: StepPoint) => number | null | Promise<number | null>;
}

/** On each machine a link to {@link RunnerOptions.compiled}. */
export const compiledFolder = '_compiled';

export interface Folders {
  readonly workspace: string;
  readonly temp: string;
  readonly home: string;
  readonly tools: string;
}

/** A job while it runs. */
export interface JobHost {
  readonly forge: Forge;
  readonly run: Run;
  readonly job: JobResult;
  readonly token: Token;
  readonly options: RunnerOptions;
  readonly folders: Folders;
  /** Contexts that stay the same from step to step. */
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly env: Record<string, string>;
  readonly path: string[];
  readonly steps: Record<string, StepOutcome>;
  readonly masks: Set<string>;
  readonly posts: Post[];
  readonly signal: AbortSignal;
  /** When the job has to end. */
  readonly deadline: number;
  failed: boolean;
  crashed: boolean;
}

/** What an action does when the job is over, last one first. */
export interface Post {
  readonly name: string;
  run(log: (text: string) => void): Promise<void>;
}

/** What expressions of a step see. */
export function stepScope(host: JobHost, more: Readonly<Record<string, unknown>> = {}): Scope {
  const cancelled = host.signal.aborted;
  return {
    contexts: {
      ...host.contexts,
      env: host.env,
      steps: host.steps,
      job: { status: cancelled ? 'cancelled' : host.failed ? 'failure' : 'success' },
      ...more,
    },
    status: { success: !host.failed && !cancelled, failure: host.failed && !cancelled, cancelled },
  };
}

/** A log with every secret covered. */
export function masked(host: JobHost, text: string): string {
  return [...host.masks]
    .filter((secret) => secret.length > 3)
    .reduce((so, secret) => so.replaceAll(secret, '***'), text);
}
