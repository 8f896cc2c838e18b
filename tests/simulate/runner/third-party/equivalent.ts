import type { JobHost } from '../job-host.ts';

/** A step that uses an action of another repository. */
export interface ThirdPartyCall {
  readonly host: JobHost;
  readonly inputs: Readonly<Record<string, string>>;
  /** Filled by the action. */
  readonly outputs: Record<string, string>;
  readonly log: (text: string) => void;
}

/** Does locally what the action of the same name does, as far as it shows. @throws Error where the step fails */
export type Equivalent = (call: ThirdPartyCall) => Promise<void>;

/** An input with its default. */
export function input({ inputs }: ThirdPartyCall, name: string, preset = ''): string {
  return inputs[name] ?? preset;
}
