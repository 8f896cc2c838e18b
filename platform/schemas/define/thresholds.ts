import { Type } from 'typebox';

/** What decides whether an input is refused and what it is named, whatever the kind of the model. */
export const Thresholds = Type.Object(
  {
    acceptance: Type.Number({
      minimum: 0.5,
      maximum: 1,
      description: 'share of genuine validation inputs that must be accepted',
    }),
    decision: Type.Optional(
      Type.Object(
        {
          class: Type.String({
            description:
              'of two classes the one that is named by the rule below, not where it is likelier',
          }),
          probability: Type.Optional(
            Type.Number({ minimum: 0, maximum: 1, description: 'named from this probability on' }),
          ),
          cost: Type.Optional(
            Type.Number({
              exclusiveMinimum: 0,
              description: 'missing one costs so many times as much as naming one wrongly',
            }),
          ),
          precision: Type.Optional(
            Type.Number({
              exclusiveMinimum: 0,
              maximum: 1,
              description: 'of the validation examples named so, this share must be of the class',
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
