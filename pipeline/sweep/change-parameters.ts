import {
  type Parameters,
  type Project,
  parseParameters,
} from '../../platform/schemas/define/index.ts';
import type { Dimension } from './dimension.ts';
import type { Values } from './search.ts';

/**
 * A project's parameters with other values.
 *
 * @param values by dotted keys: `model.hidden`
 * @param source what an error calls the place where they stand
 * @throws MainstemError PARAMETER_INVALID
 */
export function changeParameters(
  project: Project,
  values: Values,
  source = 'params.json',
): Parameters {
  const changed: unknown = Object.entries(values).reduce<unknown>(
    (whole, [key, value]) => setAt(whole, key.split('.'), value),
    project.parameters,
  );
  return parseParameters(JSON.stringify(changed), project.definition, source);
}

function setAt(whole: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  const members = isRecord(whole) ? whole : {};
  const part = Object.hasOwn(members, first) ? members[first] : undefined;
  // Not spread, so that "__proto__" is a key like any other, which the schema refuses.
  const changed = new Map<string, unknown>(Object.entries(members));
  return Object.fromEntries(changed.set(first, setAt(part, rest, value)));
}

/** The values that parameters have now; what is left out there is left out here. */
export function valuesOf(parameters: Parameters, dimensions: readonly Dimension[]): Values {
  return Object.fromEntries(
    dimensions.flatMap(({ key }) => {
      const value = getAt(parameters, key.split('.'));
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

function getAt(whole: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return whole;
  return isRecord(whole) && Object.hasOwn(whole, first) ? getAt(whole[first], rest) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
