import { expect, test } from 'vitest';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import type { ServedModel } from '../../../../serving/inference/models.ts';
import type { Inference } from '../../../../serving/inference/predictor.ts';
import { answerOrStandIn } from '../../../../serving/inference/stand-in.ts';

const [production, canary] = ['production', 'canary'].map(
  (version) => ({ name: 'gourds', version }) as ServedModel,
) as [ServedModel, ServedModel];
const inference: Inference = { decisions: [], output: new Float32Array(), properties: [] };
const broken = new MainstemError('SERVING_OUTPUT_INVALID', { input: 1 });

/** Answers with what each version throws, or nothing. */
function ask(errors: Partial<Record<string, Error>>, drawn = canary) {
  const asked: string[] = [];
  let held = 0;
  const lineup = {
    standIn: (model: ServedModel) => (model === production ? null : production),
    hold: () => {
      held += 1;
      return () => {
        held -= 1;
      };
    },
  };
  const answer = answerOrStandIn(lineup, drawn, async ({ version }) => {
    asked.push(version);
    const error = errors[version];
    if (error) throw error;
    return inference;
  });
  return { answer, asked, held: () => held };
}

test('a canary that answers is not repeated', async () => {
  const { answer, asked } = ask({});
  expect(await answer).toEqual({ model: canary, inference });
  expect(asked).toEqual(['canary']);
});

test.each([
  broken,
  new MainstemError('SERVING_WORKER_FAILED', { reason: 'it ended' }),
  new TypeError('a fault'),
])('where it fails by itself (%s) production answers, and is kept until it has', async (error) => {
  const { answer, asked, held } = ask({ canary: error });
  expect((await answer).model).toBe(production);
  expect(asked).toEqual(['canary', 'production']);
  expect(held()).toBe(0);
});

test.each([
  new MainstemError('ROW_INVALID', { row: 1, column: 'x', reason: 'is unknown', known: 'y' }),
  new MainstemError('SERVING_BUSY', { reason: 'full' }),
])('what is no failure of its own is not repeated: %s', async (error) => {
  const { answer, asked } = ask({ canary: error });
  await expect(answer).rejects.toBe(error);
  expect(asked).toEqual(['canary']);
});

test('where production fails, too, the first error counts, and nothing is kept', async () => {
  const { answer, held } = ask({ canary: broken, production: new TypeError('another') });
  await expect(answer).rejects.toBe(broken);
  expect(held()).toBe(0);
});

test('nothing stands in for production', async () => {
  const { answer, asked } = ask({ production: broken }, production);
  await expect(answer).rejects.toBe(broken);
  expect(asked).toEqual(['production']);
});
