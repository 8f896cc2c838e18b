import { type Static, Type } from 'typebox';
import { dictionary } from '../../lib/dictionary.ts';
import { defaulted, type Resolved } from '../defaulted.ts';

const closed = { additionalProperties: false };

/** What is tried of one parameter: exactly one of `values`, `whole` and `real`. */
export const SweptParameter = Type.Object(
  {
    values: Type.Optional(
      Type.Array(Type.Unknown(), { minItems: 1, description: 'a list, of anything JSON can say' }),
    ),
    whole: Type.Optional(
      Type.Tuple([Type.Integer(), Type.Integer()], {
        description: 'whole numbers from … to …, both included',
      }),
    ),
    real: Type.Optional(
      Type.Tuple([Type.Number(), Type.Number()], {
        description: 'numbers from … to …, rounded to four digits',
      }),
    ),
    scale: defaulted(
      Type.Union([Type.Literal('linear'), Type.Literal('logarithmic')], {
        description: 'of a range: steps of equal differences, or of equal factors',
      }),
      'linear',
    ),
    steps: defaulted(
      Type.Integer({
        minimum: 2,
        maximum: 100,
        description: 'of a range in a grid: so many values, both ends among them',
      }),
      4,
    ),
  },
  // TypeBox fills in the values of a record only if they have a default themselves; it is never used.
  { ...closed, default: {} },
);
export type SweptParameter = Resolved<typeof SweptParameter>;

/** How the next parameters to try are found. */
export const SweepMethod = Type.Union([
  Type.Literal('grid'),
  Type.Literal('random'),
  Type.Literal('sobol'),
  Type.Literal('tpe'),
  Type.Literal('halving'),
  Type.Literal('hyperband'),
]);
export type SweepMethod = Static<typeof SweepMethod>;

/** `sweep.json`: which parameters of a project to search, and how. No stage reads it, so no run key holds it. */
export const SweepDefinition = Type.Object(
  {
    method: defaulted(SweepMethod, 'tpe'),
    space: dictionary(SweptParameter, {
      description: 'what to try, by the name of the parameter: `learningRate`, `model.hidden`',
    }),
    objectives: defaulted(
      Type.Array(Type.String(), {
        description:
          'metrics on validation, `modelBytes` or `latencyMs`; the first decides; left out: log loss, or the mean absolute error',
      }),
      [],
    ),
    trials: defaulted(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description:
          'how many to try, today’s parameters not counted; a grid tries all of its points',
      }),
      20,
    ),
    minutes: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'after so long no further trial begins' }),
    ),
    seed: defaulted(
      Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, description: 'all chance of the search' }),
      1,
    ),
    batch: defaulted(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description: 'of `tpe`: so many are chosen before the next results count',
      }),
      4,
    ),
    factor: defaulted(
      Type.Integer({
        minimum: 2,
        maximum: 10,
        description:
          'of `halving` and `hyperband`: one of so many goes on, for so many times longer',
      }),
      3,
    ),
    least: defaulted(
      Type.Integer({
        minimum: 1,
        description: 'of `halving` and `hyperband`: epochs (of trees rounds) of the shortest trial',
      }),
      1,
    ),
  },
  closed,
);
export type SweepDefinition = Resolved<typeof SweepDefinition>;
