import * as core from '@actions/core';
import sharp from 'sharp';
import { Type } from 'typebox';
import { isMainstemError, MainstemError } from '../../../platform/lib/errors.ts';
import { explainFetch } from '../../../platform/lib/fetch-failure.ts';
import { fetchMoving } from '../../../platform/lib/fetch-moving.ts';
import { parseValue } from '../../../platform/lib/json.ts';
import {
  loadPromoted,
  type PromotedModel,
  promotedModels,
} from '../../../platform/registry/index.ts';
import { nullable, type Preprocessing } from '../../../platform/schemas/index.ts';
import { typicalRow } from '../../../platform/transforms/index.ts';
import { accessHeaders, type Reach, withSlash } from './served.ts';

/** The part of a prediction that a smoke test compares. */
const Prediction = Type.Object({
  model: Type.String(),
  version: Type.String(),
  digest: Type.String(),
  results: Type.Array(
    Type.Object({ class: nullable(Type.String()), value: nullable(Type.Number()) }),
    { minItems: 1, maxItems: 1 },
  ),
});

/**
 * Asks every promoted model for one prediction. A record holds no example, so the input is made from its preprocessing:
 * a grey picture, or a row of the training data's means. The answer must come from the promoted run, or from the canary to which
 * the server may have given the request, and be one that the record allows; whether it is accepted does not matter.
 *
 * @throws MainstemError DEPLOY_SMOKE_FAILED
 */
export async function smokeTest(root: string, reach: Reach): Promise<void> {
  for (const name of await promotedModels(root)) {
    const promoted = await loadPromoted(root, name);
    const canary = promoted && (await loadPromoted(root, name, 'canary'));
    if (promoted) await askModel(promoted, canary, reach);
  }
}

async function askModel(
  promoted: PromotedModel,
  canary: PromotedModel | null,
  reach: Reach,
): Promise<void> {
  const { model, preprocessing } = promoted.record;
  const address = new URL(`models/${model}/predict`, withSlash(reach.url));
  const failed = (reason: string) => new MainstemError('DEPLOY_SMOKE_FAILED', { model, reason });
  try {
    const { body, headers } = await exampleOf(preprocessing);
    const all = { ...headers, ...accessHeaders(reach) };
    const request = { method: 'POST', body, headers: all };
    const answer = await fetchMoving(address, request, { place: address.origin, say: core.info });
    if (!answer.ok) throw failed(`HTTP ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
    const fault = faultOf(canary ? [promoted, canary] : [promoted], await answer.json());
    if (fault) throw failed(fault);
  } catch (error) {
    if (isMainstemError(error, 'DEPLOY_SMOKE_FAILED')) throw error;
    throw failed(`${address.origin}: ${explainFetch(error).reason}`);
  }
}

/** The body of a request that the model must be able to answer. */
async function exampleOf(preprocessing: Preprocessing) {
  if (preprocessing.kind === 'table') {
    const body = JSON.stringify(typicalRow(preprocessing));
    return { body, headers: { 'content-type': 'application/json' } };
  }
  const side = Math.max(preprocessing.size, 64);
  const grey = { r: 128, g: 128, b: 128 };
  const picture = sharp({
    create: { width: side, height: side, channels: 3, background: grey },
  });
  const body = new Uint8Array(await picture.png().toBuffer());
  return { body, headers: { 'content-type': 'image/png' } };
}

/** What is wrong with an answer that one of these versions may give; null if nothing is. */
function faultOf(versions: readonly PromotedModel[], answer: unknown): string | null {
  const { version, digest, results } = parseValue(answer, Prediction, 'the prediction');
  const answered = versions.find(({ record }) => record.run === version);
  const runs = versions.map(({ record }) => record.run).join(' or ');
  if (!answered) return `run ${version} answered instead of ${runs}`;
  const { pointer, record } = answered;
  if (digest !== pointer.record) return `record ${digest} answered instead of ${pointer.record}`;
  const [result] = results;
  if (record.task === 'tabular-regression') {
    return Number.isFinite(result?.value) ? null : 'the answer is not a number';
  }
  const found = result?.class ?? 'none';
  return record.classes.includes(found) ? null : `the answer is the class ${found}`;
}
