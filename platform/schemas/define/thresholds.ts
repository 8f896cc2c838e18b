import { Type } from 'typebox';

/** What decides whether an input is refused, whatever the kind of the model. */
export const Thresholds = Type.Object(
  {
    acceptance: Type.Number({
      minimum: 0.5,
      maximum: 1,
      description: 'share of genuine validation inputs that must be accepted',
    }),
  },
  { additionalProperties: false },
);
