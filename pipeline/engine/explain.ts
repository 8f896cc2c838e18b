import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import type { StageInputs } from '../../platform/schemas/index.ts';
import type { Code } from './code.ts';

/**
 * Describes what differs between the ingredients of two runs of a stage, for example
 * `params.learningRate 0.001 → 0.002` or `code pipeline/training/batches.ts changed`. For an input that another stage
 * makes it only says `train changed`: the reason is given for that stage.
 *
 * @param sources input → name of the stage that makes it.
 * @returns one sentence per difference; empty if there is none.
 */
export function explainChanges(
  before: StageInputs,
  after: StageInputs,
  sources: ReadonlyMap<string, string> = new Map(),
): string[] {
  return [
    ...differences('params', before.parameters, after.parameters),
    ...inputDifferences(before.inputs, after.inputs, sources),
    ...explainCode(before, after),
    ...(before.backend === after.backend
      ? []
      : [`backend ${before.backend || 'none'} → ${after.backend || 'none'}`]),
  ];
}

/**
 * Describes what differs between the code and the packages of two runs, one sentence per difference.
 *
 * @example explainCode(before, after) // ['code pipeline/training/batches.ts changed']
 */
export function explainCode(before: Code, after: Code): string[] {
  return [
    ...keyed(before.code, after.code).map(({ key, change }) => `code ${key} ${change}`),
    ...keyed(before.packages, after.packages).map(({ key, change, from, to }) =>
      change === 'changed' ? `package ${key} ${from} → ${to}` : `package ${key} ${change}`,
    ),
  ];
}

function inputDifferences(
  before: unknown,
  after: unknown,
  sources: ReadonlyMap<string, string>,
): string[] {
  const own = (inputs: unknown) =>
    Object.fromEntries(Object.entries(Object(inputs)).filter(([key]) => !sources.has(key)));
  const made = keyed(Object(before), Object(after)).flatMap(({ key }) => sources.get(key) ?? []);
  return [
    ...[...new Set(made)].map((stage) => `${stage} changed`),
    ...differences('input', own(before), own(after)),
  ];
}

interface Change {
  readonly key: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly from: unknown;
  readonly to: unknown;
}

function keyed(before: object, after: object): Change[] {
  const old = new Map<string, unknown>(Object.entries(before));
  const now = new Map<string, unknown>(Object.entries(after));
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((key): Change[] => {
    const [from, to] = [old.get(key), now.get(key)];
    if (from === undefined) return [{ key, change: 'added', from, to }];
    if (to === undefined) return [{ key, change: 'removed', from, to }];
    return canonicalJson(from) === canonicalJson(to) ? [] : [{ key, change: 'changed', from, to }];
  });
}

function differences(path: string, before: unknown, after: unknown): string[] {
  if (!isObject(before) || !isObject(after)) return [`${path} ${arrow(before, after)}`];
  return keyed(before, after).flatMap(({ key, change, from, to }) => {
    // `params.seed`, but `input prepared.index`: only parameters come from one well-known file.
    const place = path === 'input' ? `input ${key}` : `${path}.${key}`;
    if (change === 'changed') return differences(place, from, to);
    return [`${place} ${change === 'added' ? `added: ${brief(to)}` : 'removed'}`];
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const longest = 48;

function arrow(before: unknown, after: unknown): string {
  const [from, to] = [brief(before), brief(after)];
  return from === to ? 'changed' : `${from} → ${to}`;
}

function brief(value: unknown): string {
  const text = canonicalJson(value).replace(/sha256:([0-9a-f]{8})[0-9a-f]{56}/g, 'sha256:$1…');
  return text.length <= longest ? text.replace(/^"(.*)"$/, '$1') : `${text.slice(0, longest)}…`;
}
