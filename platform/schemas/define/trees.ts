import { type Static, Type } from 'typebox';
import { Thresholds } from './thresholds.ts';

/** What a project says as its `model` to have boosted trees instead of a network. */
export const TreesModel = Type.Object(
  { kind: Type.Literal('trees') },
  { additionalProperties: false },
);
export type TreesModel = Static<typeof TreesModel>;

/** What params.json of a project of trees holds. */
export const TreesParameters = Type.Object(
  {
    seed: Type.Integer({
      minimum: 1,
      maximum: 2 ** 31 - 1,
      description: 'which columns each tree may use, where `columnShare` is below 1',
    }),
    learningRate: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'how much of each tree counts; lower needs more trees',
    }),
    earlyStopping: Type.Integer({
      minimum: 0,
      description: 'rounds without a better validation loss before stopping; 0 never stops',
    }),
    thresholds: Thresholds,
    model: Type.Object(
      {
        trees: Type.Integer({
          minimum: 1,
          maximum: 10_000,
          description:
            'at most so many rounds; each adds a tree, or one per class if there are three or more',
        }),
        leaves: Type.Integer({
          minimum: 2,
          maximum: 1024,
          description: 'leaves of a tree; fewer against overfitting',
        }),
        minimumRows: Type.Integer({
          minimum: 1,
          description: 'training rows that a leaf must have; more against overfitting',
        }),
        l2: Type.Number({
          minimum: 0,
          description: 'draws the values of leaves with few rows to 0',
        }),
        bins: Type.Integer({
          minimum: 2,
          maximum: 255,
          description: 'steps into which the numbers of a column are divided',
        }),
        columnShare: Type.Number({
          exclusiveMinimum: 0,
          maximum: 1,
          description: 'share of the columns that each tree may use, drawn at random',
        }),
        loss: Type.Optional(
          Type.Union([Type.Literal('squared'), Type.Literal('absolute')], {
            description:
              'what regression minimises: squared errors, or absolute ones, which outliers move less; left out it is squared',
          }),
        ),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type TreesParameters = Static<typeof TreesParameters>;
