import { type Static, Type } from 'typebox';
import { MainstemError } from './lib/errors.ts';
import { findSchemaFault } from './lib/schema-fault.ts';
import { Task } from './types.ts';

const closed = { additionalProperties: false };
const Share = Type.Number({ minimum: 0, maximum: 1 });

const Dataset = Type.Object(
  { name: Type.String(), path: Type.String(), source: Type.String(), licence: Type.String() },
  closed,
);

const Column = Type.Object(
  {
    kind: Type.Union([Type.Literal('number'), Type.Literal('category')]),
    range: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
    values: Type.Optional(Type.Array(Type.String())),
    missing: Type.Optional(Share),
  },
  closed,
);

const Checks = Type.Object(
  {
    minimumSide: Type.Optional(Type.Number()),
    maximumAspect: Type.Optional(Type.Number()),
    dark: Type.Optional(Type.Number()),
    light: Type.Optional(Type.Number()),
    contrast: Type.Optional(Type.Number()),
    blur: Type.Optional(Type.Number()),
    imbalance: Type.Optional(Type.Number()),
  },
  closed,
);

/** What `ProjectDefinition` of define.ts says in types, for projects that nobody has type-checked. */
const Definition = Type.Object(
  {
    name: Type.String(),
    task: Task,
    data: Dataset,
    outOfDistribution: Type.Optional(Dataset),
    table: Type.Optional(
      Type.Object({ label: Type.String(), features: Type.Record(Type.String(), Column) }, closed),
    ),
    classes: Type.Optional(Type.Array(Type.String())),
    split: Type.Object(
      {
        seed: Type.Number(),
        fractions: Type.Optional(Type.Tuple([Share, Share, Share])),
        group: Type.Optional(Type.String()),
      },
      closed,
    ),
    parameters: Type.Object({ type: Type.Literal('object'), properties: Type.Object({}) }),
    model: Type.Function([], Type.Unknown()),
    slices: Type.Optional(
      Type.Array(
        Type.Object(
          { column: Type.String(), minimumCount: Type.Optional(Type.Number({ minimum: 0 })) },
          closed,
        ),
      ),
    ),
    gates: Type.Array(
      Type.Object(
        {
          metric: Type.Optional(Type.String()),
          slices: Type.Optional(Type.Literal('accuracy')),
          atLeast: Type.Optional(Type.Number()),
          atMost: Type.Optional(Type.Number()),
          notWorseBy: Type.Optional(Type.Number({ minimum: 0 })),
        },
        closed,
      ),
    ),
    budgets: Type.Object(
      {
        modelBytes: Type.Number({ exclusiveMinimum: 0 }),
        latencyMs: Type.Number({ exclusiveMinimum: 0 }),
      },
      closed,
    ),
    checks: Type.Optional(Checks),
    page: Type.Object(
      {
        title: Type.String(),
        intro: Type.String(),
        classes: Type.Optional(Type.Record(Type.String(), Type.String())),
        refusal: Type.String(),
      },
      closed,
    ),
    collect: Type.Optional(Type.Function([], Type.Unknown())),
  },
  closed,
);
type Definition = Static<typeof Definition>;

/**
 * Checks everything that a project's definition must hold, whether or not types were checked before.
 *
 * @throws MainstemError PROJECT_INVALID naming the place and what is allowed there.
 */
export function assertDefinition(value: Readonly<Record<string, unknown>>): void {
  const name = String(value.name);
  const fault = findSchemaFault(Definition, value);
  const found = fault
    ? { where: fault.key, reason: `is ${fault.value}, but must be ${fault.allowed}` }
    : findMistake(value as Definition);
  if (found) throw new MainstemError('PROJECT_INVALID', { name, ...found });
}

interface Mistake {
  readonly where: string;
  readonly reason: string;
}

/** What a schema cannot say: what one part means for another. */
function findMistake(definition: Definition): Mistake | null {
  const { name, task, table, classes, split } = definition;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    return { where: 'name', reason: 'must be lower-case letters, digits and dashes' };
  }
  if (task.startsWith('tabular') && !table) {
    return { where: 'table', reason: `is required for task ${task}` };
  }
  if (task === 'tabular-regression') {
    if (classes) return { where: 'classes', reason: 'must be left out for regression' };
  } else if ((classes?.length ?? 0) < 2) {
    return { where: 'classes', reason: 'must name at least two classes' };
  }
  const sum = (split.fractions ?? [1]).reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-9) {
    return { where: 'split.fractions', reason: `must sum to 1, not ${sum}` };
  }
  return findGateMistake(definition);
}

type Gate = Definition['gates'][number];

function findGateMistake({ task, gates, outOfDistribution }: Definition): Mistake | null {
  const metrics = metricsOf(task, outOfDistribution !== undefined);
  for (const [index, gate] of gates.entries()) {
    const where = `gates.${index}`;
    if (!isGate(gate))
      return { where, reason: `is ${JSON.stringify(gate)}, but must be ${gateForms}` };
    if (gate.metric === undefined || metrics.includes(gate.metric)) continue;
    const reason = `is ${JSON.stringify(gate.metric)}, but must be one of ${metrics.join(', ')}`;
    return { where: `${where}.metric`, reason };
  }
  return null;
}

const gateForms =
  '{ metric, atLeast }, { metric, atMost }, { metric: "accuracy", notWorseBy } or { slices: "accuracy", atLeast }';

function isGate(gate: Gate): boolean {
  const keys = Object.keys(gate).sort().join(' ');
  if (keys === 'metric notWorseBy') return gate.metric === 'accuracy';
  return ['atLeast metric', 'atMost metric', 'atLeast slices'].includes(keys);
}

/** The metrics that evaluation computes for a task. */
function metricsOf(task: Task, strangers: boolean): readonly string[] {
  if (task === 'tabular-regression') return ['mae', 'rmse', 'r2'];
  const unlike = strangers ? ['outOfDistributionAuroc', 'outOfDistributionFpr95'] : [];
  return ['accuracy', 'macroF1', 'logLoss', 'brier', 'calibrationError', ...unlike];
}
