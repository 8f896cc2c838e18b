import { IsLiteral, type TObject, type TSchema, Type } from 'typebox';
import { findSchemaFault } from '../../lib/schema-fault.ts';
import type { GateKind, GateMistake, GateScope } from './gate.ts';
import { listedKinds } from './index.ts';

/**
 * Checks one of a project's `gates`: its form, its values, and whether such a project can be judged by it.
 *
 * @returns the first mistake; null if there is none
 * @example checkGate({ metric: 'accuracy', atLeast: 0.9 }, scope) // null
 */
export function checkGate(gate: unknown, scope: GateScope): GateMistake | null {
  const alike = listedKinds.filter(({ schema }) => keysOf(gate) === keysOf(schema.properties));
  if (alike.length === 0) {
    return { key: '', reason: `is ${JSON.stringify(gate)}, but must be ${gateForms()}` };
  }
  const others = formsOfSlices(alike, gate);
  if (others) return { key: '', reason: `is ${JSON.stringify(gate)}, but must be ${others}` };
  return checkFor(alike, gate, scope);
}

/** How a gate of such slices is written, where its limit is one of other slices; null where it is of these. */
function formsOfSlices(alike: readonly GateKind[], gate: unknown): string | null {
  const isOf = ({ schema }: GateKind) => {
    const { slices } = schema.properties;
    return slices && findSchemaFault(Type.Object({ slices }), gate) === null;
  };
  const fitting = listedKinds.filter(isOf);
  const isLimitOfOthers = fitting.length > 0 && !alike.some((kind) => fitting.includes(kind));
  return isLimitOfOthers ? joined(fitting.map(gateForm)) : null;
}

/**
 * How a kind of gate is written in project.ts.
 *
 * @example gateForm(notWorse) // '{ metric: "accuracy", notWorseBy }'
 */
export function gateForm({ schema }: { readonly schema: TObject }): string {
  return `{ ${Object.entries(schema.properties).map(propertyForm).join(', ')} }`;
}

function propertyForm([key, schema]: readonly [string, TSchema]): string {
  return IsLiteral(schema) ? `${key}: ${JSON.stringify(schema.const)}` : key;
}

function gateForms(): string {
  return joined(listedKinds.map(gateForm));
}

function joined(forms: readonly string[]): string {
  return forms.length > 1 ? `${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}` : forms.join('');
}

/** @param kinds those with the gate's keys; the gate need not be wrong for one because it is for another. */
function checkFor(kinds: readonly GateKind[], gate: unknown, scope: GateScope): GateMistake | null {
  const mistakes = kinds.map((kind) => faultOf(kind, gate) ?? kind.check(gate, scope));
  return mistakes.includes(null) ? null : (mistakes[0] ?? null);
}

function faultOf({ schema }: GateKind, gate: unknown): GateMistake | null {
  const fault = findSchemaFault(schema, gate);
  return fault && { key: fault.key, reason: `is ${fault.value}, but must be ${fault.allowed}` };
}

function keysOf(value: unknown): string {
  return value !== null && typeof value === 'object' ? Object.keys(value).sort().join(' ') : '';
}
