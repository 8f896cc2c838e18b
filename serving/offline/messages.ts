import type { AnsweringModel } from '../inference/models.ts';
import type { Problem, Row } from '../schemas.ts';

/** `model.json` of an exported page: what its worker needs to know. */
export interface PageModel {
  readonly model: AnsweringModel;
  /** Of `model.onnx`. */
  readonly onnx: string;
  /** Where corrections are sent to; null if they are not taken. */
  readonly server: string | null;
}

/** What the page asks of its worker. */
export type Ask =
  | { readonly kind: 'describe' }
  | { readonly kind: 'photo'; readonly photo: Blob }
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'digest'; readonly content: Blob | Row };

/** A message to the worker. */
export interface Question {
  readonly id: number;
  readonly ask: Ask;
}

/** A message from the worker: the answer, or what the server's problem would say. */
export type Reply =
  | { readonly id: number; readonly answer: unknown }
  | {
      readonly id: number;
      readonly problem: Pick<Problem, 'code' | 'detail' | 'column' | 'reason'>;
    };
