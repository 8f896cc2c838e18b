import type { ParameterChange } from '../report.ts';

/**
 * The parameters that differ, by their dotted keys, values as JSON.
 *
 * @example
 * parameterChanges({ model: { units: 32 } }, { model: { units: 64 } });
 * // [{ key: 'model.units', before: '32', after: '64' }]
 */
export function parameterChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): ParameterChange[] {
  const [old, fresh] = [new Map(flatten(before)), new Map(flatten(after))];
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return keys
    .map((key) => ({ key, before: old.get(key) ?? null, after: fresh.get(key) ?? null }))
    .filter((change) => change.before !== change.after);
}

function flatten(value: unknown, path: readonly string[] = []): [string, string][] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return [[path.join('.'), JSON.stringify(value) ?? 'null']];
  }
  return Object.entries(value).flatMap(([key, member]) => flatten(member, [...path, key]));
}
