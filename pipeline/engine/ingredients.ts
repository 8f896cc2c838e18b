import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import type { Project } from '../../platform/schemas/define/index.ts';
import type { StageInputs } from '../../platform/schemas/index.ts';
import type { Code } from './code.ts';

/** The parts of a stage that determine its key, besides its code. */
export interface Keyed {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly backend?: string;
}

/**
 * Collects everything that goes into a stage. Of a backend only the class counts, even if an upstream result names it:
 * the requested name and the reason for the choice change nothing in the result.
 */
export function buildIngredients(
  stage: Keyed,
  project: Project,
  code: Code,
  inputs: Readonly<Record<string, unknown>>,
): StageInputs {
  const { backend, ...others } = inputs;
  const backendClass = classOf(backend);
  return {
    stage: stage.name,
    inputs: classOnly(asJson(backendClass === null ? inputs : others)),
    parameters: pickParameters(stage, project),
    code: { ...code.code },
    packages: { ...code.packages },
    backend: backendClass ?? stage.backend ?? '',
  };
}

/** The name of the tensor backend among a stage's inputs; '' without one. */
export function backendNameOf({ backend }: Readonly<Record<string, unknown>>): string {
  if (typeof backend !== 'object' || backend === null || !('name' in backend)) return '';
  return classOf(backend) === null ? '' : String(backend.name);
}

/** The parameters that the stage names, and no others. */
export function pickParameters({ parameters }: Keyed, project: Project): Record<string, unknown> {
  const given = new Map<string, unknown>(Object.entries(project.parameters));
  const picked = parameters.filter((name) => given.get(name) !== undefined);
  return Object.fromEntries(picked.map((name) => [name, given.get(name)]));
}

/** A value as it would be read back from a record. @throws TypeError for NaN and Infinity */
export function asJson(value: unknown): unknown {
  return JSON.parse(canonicalJson(value));
}

function classOnly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(classOnly);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    name === 'backend' ? (classOf(member) ?? member) : classOnly(member),
  ]);
  return Object.fromEntries(members);
}

function classOf(backend: unknown): string | null {
  if (typeof backend !== 'object' || backend === null || !('class' in backend)) return null;
  return typeof backend.class === 'string' ? backend.class : null;
}
