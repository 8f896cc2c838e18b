import { type Static, Type } from 'typebox';
import type { GateKind } from './gate.ts';
import { latency } from './latency.ts';
import { metricCeiling } from './metric-ceiling.ts';
import { metricFloor } from './metric-floor.ts';
import { notWorse } from './not-worse.ts';
import { packageSize } from './package-size.ts';
import { sliceCeiling } from './slice-ceiling.ts';
import { sliceFloor } from './slice-floor.ts';
import { sliceNotWorse } from './slice-not-worse.ts';

// To add a kind of gate, write its file and name it in one of these two lists.

/** The kinds that a project lists under `gates`, as often as it likes. */
const listed = [
  metricFloor,
  metricCeiling,
  notWorse,
  sliceFloor,
  sliceCeiling,
  sliceNotWorse,
] as const;

/** The kinds whose limits are the project's `budgets`, below: every project has each once. */
const budgeted = [packageSize, latency] as const;

/** Every kind of gate that a project may list. */
export const listedKinds: readonly GateKind[] = listed;

/** Every kind of gate. */
export const gateKinds: readonly GateKind[] = [...listed, ...budgeted];

/** One of a project's `gates`: what must hold before a model may be promoted. */
export type Gate = Static<(typeof listed)[number]['schema']>;
export const Gate = Type.Unsafe<Gate>(Type.Union(listed.map(({ schema }) => schema)));

/** What the packaged model may cost; each limit is a gate. */
export const Budgets = Type.Object(
  { ...packageSize.schema.properties, ...latency.schema.properties },
  { additionalProperties: false },
);
export type Budgets = Static<typeof Budgets>;
