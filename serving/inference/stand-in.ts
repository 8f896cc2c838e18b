import type { Lineup } from './lineup.ts';
import type { ServedModel } from './models.ts';
import { type Inference, isOwnFailure } from './predictor.ts';

/** An inference, and the version that made it. */
export interface Answer<Found extends Inference> {
  readonly model: ServedModel;
  readonly inference: Found;
}

/**
 * Lets the version answer that was drawn for a request. Where that is a canary which fails by itself, production answers in
 * its place: what is tried costs a caller time, and no answer.
 *
 * @param compute with inputs that can be read twice
 * @throws what the version throws that was drawn, if production has no answer either
 */
export async function answerOrStandIn<Found extends Inference>(
  lineup: Pick<Lineup, 'standIn' | 'hold'>,
  drawn: ServedModel,
  compute: (model: ServedModel) => Promise<Found>,
): Promise<Answer<Found>> {
  try {
    return { model: drawn, inference: await compute(drawn) };
  } catch (error) {
    const model = isOwnFailure(error) ? lineup.standIn(drawn) : null;
    if (!model) throw error;
    const release = lineup.hold(model);
    try {
      return { model, inference: await compute(model) };
    } catch {
      throw error;
    } finally {
      release();
    }
  }
}
