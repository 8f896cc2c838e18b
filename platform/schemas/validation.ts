import { type Static, Type } from 'typebox';

export const Finding = Type.Object({
  code: Type.String(),
  severity: Type.Union([Type.Literal('error'), Type.Literal('warning'), Type.Literal('info')]),
  dataset: Type.String(),
  /** One sentence for a person. */
  message: Type.String(),
  count: Type.Integer(),
  /** A few of the places: file paths, rows, columns. */
  examples: Type.Array(Type.String()),
  hint: Type.String(),
});
export type Finding = Static<typeof Finding>;

export const ValidateOutput = Type.Object({
  checked: Type.Integer(),
  findings: Type.Array(Finding),
});
export type ValidateOutput = Static<typeof ValidateOutput>;
