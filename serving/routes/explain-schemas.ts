import { type Static, Type } from 'typebox';
import { nullable } from '../../platform/schemas/index.ts';
import { Prediction, Result } from '../schemas.ts';

const computed = Type.Integer({ description: 'inputs that were computed for it' });
const meaning = Type.String({
  description: 'what the numbers say, and what they do not, in words',
});

/** What covering the parts of a photo does to an answer. */
export const PhotoExplanation = Type.Object({
  method: Type.Literal('occlusion'),
  class: Type.String({ description: 'whose probability the effects are of' }),
  effects: Type.Array(Type.Array(Type.Number()), {
    description:
      'for each place of the square in the middle of the photo, in rows from the top: by how much the probability falls ' +
      'when a part around it is covered; negative where it rises',
  }),
  noise: Type.Number({
    description:
      'smaller effects may be due to the colours that covered the parts (three standard errors)',
  }),
  computed,
  meaning,
});

/** What other values of a row's columns do to an answer. */
export const RowExplanation = Type.Object({
  method: Type.Literal('replacement'),
  class: nullable(
    Type.String({ description: 'whose probability the effects are of; null: of the value' }),
  ),
  columns: Type.Array(
    Type.Object({
      column: Type.String(),
      value: nullable(Type.Union([Type.String(), Type.Number()])),
      replacement: nullable(
        Type.Union([Type.String(), Type.Number()], {
          description:
            'mean or median of the training data, or the commonest value of the reference data; null where the column was ' +
            'left out instead',
        }),
      ),
      effect: Type.Number({
        description: 'by how much the number falls with the replacement; negative where it rises',
      }),
    }),
    { description: 'the columns that the row has, in the order of the model' },
  ),
  computed,
  meaning,
});

/** The response to a request for an explanation. */
export const Explanation = Type.Object({
  ...Type.Omit(Prediction, ['results']).properties,
  result: Result,
  explanation: nullable(
    Type.Union([PhotoExplanation, RowExplanation], {
      description: 'null for an input that is refused: there is no answer to explain',
    }),
  ),
});
export type Explanation = Static<typeof Explanation>;
