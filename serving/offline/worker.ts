/*
 * The worker of the page that answers without a network: holds one model, and computes one photo or row at a time with the
 * server's own code for preprocessing, decision and words. `npx mainstem export web` bundles it for browsers.
 */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { decide, decisionRules, encodedLength } from '../../platform/transforms/index.ts';
import { assertFinite } from '../inference/decide-batch.ts';
import { describeModel } from '../inference/describe-model.ts';
import { buildPrediction, type RowFacts } from '../inference/prediction.ts';
import { encodeRows, findBlank, findUnknown, readRow } from '../inference/rows.ts';
import { placeOf } from '../place-of.ts';
import type { Predicted, Row } from '../schemas.ts';
import type { Ask, PageModel, Question, Reply } from './messages.ts';
import { fetchBytes } from './open-files.ts';
import { readySight, seePhotoOffline } from './see.ts';

interface Opened {
  readonly page: PageModel;
  readonly session: InferenceSession;
}

const opened = open();
// A worker that could not open its model says so to everybody who asks.
opened.catch(() => undefined);
let last: Promise<unknown> = opened;

self.addEventListener('message', ({ data }: MessageEvent<Question>) => {
  // One after another: the runtime computes one input at a time.
  last = last.catch(() => undefined).then(() => reply(data));
});

async function reply({ id, ask }: Question): Promise<void> {
  self.postMessage(await settle(id, ask));
}

async function settle(id: number, ask: Ask): Promise<Reply> {
  try {
    return { id, answer: await answer(await opened, ask) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const known = isMainstemError(error) ? { code: error.code, ...placeOf(error) } : null;
    return { id, problem: { code: 'UNEXPECTED', ...known, detail } };
  }
}

async function answer({ page, session }: Opened, ask: Ask): Promise<unknown> {
  const { model } = page;
  if (ask.kind === 'describe') {
    const limits = { bytes: Number.MAX_SAFE_INTEGER, files: 1, rows: 1 };
    const feedback = page.server !== null && isSecureContext;
    return describeModel(model, { feedback, explain: false, limits });
  }
  if (ask.kind === 'digest') return digestOf(ask.content);
  return ask.kind === 'photo'
    ? predictPhoto({ page, session }, new Uint8Array(await ask.photo.arrayBuffer()))
    : predictRow({ page, session }, ask.row);
}

async function predictPhoto(
  { page: { model }, session }: Opened,
  photo: Uint8Array,
): Promise<Predicted> {
  const { preprocessing } = model.record;
  if (preprocessing.kind !== 'image') throw new TypeError(`${model.name} takes no photos`);
  const input = await seePhotoOffline(photo, preprocessing);
  const { size } = preprocessing;
  return predict({ model, session }, input, [1, size, size, 3], []);
}

async function predictRow({ page: { model }, session }: Opened, row: Row): Promise<Predicted> {
  const { preprocessing } = model.record;
  if (preprocessing.kind !== 'table') throw new TypeError(`${model.name} takes no rows`);
  const values = readRow(preprocessing, row, 0);
  const input = encodeRows([values], preprocessing);
  const facts = {
    unknown: findUnknown(preprocessing, values),
    blank: findBlank(preprocessing, values),
    features: null,
  };
  return predict({ model, session }, input, [1, encodedLength(preprocessing)], [facts]);
}

async function predict(
  { model, session }: { readonly model: PageModel['model']; readonly session: InferenceSession },
  input: Float32Array,
  shape: readonly number[],
  facts: readonly RowFacts[],
): Promise<Predicted> {
  const outputs = await session.run({ input: new Tensor('float32', input, shape) });
  const output = floats(outputs.output);
  const embedding = floats(outputs.embedding);
  const decision = decide({ output, embedding }, decisionRules(model.record));
  assertFinite([decision], output);
  return buildPrediction(model, [decision], facts);
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the model lacks a float32 output');
  return tensor.data;
}

/** As the server names a photo, or a row, in its feedback. */
async function digestOf(content: Blob | Row): Promise<string> {
  const bytes =
    content instanceof Blob
      ? await content.arrayBuffer()
      : new TextEncoder().encode(canonicalJson(content));
  return sha256(bytes);
}

async function open(): Promise<Opened> {
  const text = new TextDecoder().decode(await fetchBytes('model.json'));
  const page: PageModel = JSON.parse(text);
  const [onnx, runtime] = await Promise.all([
    fetchBytes('model.onnx'),
    fetchBytes('runtime.wasm'),
    page.model.record.preprocessing.kind === 'image' ? readySight() : undefined,
  ]);
  await assertOnnx(onnx, page.onnx);
  // Several threads need memory that is shared, which browsers give only to pages with headers that few hosts can be told to send.
  env.wasm.numThreads = 1;
  env.wasm.wasmBinary = runtime;
  return { page, session: await InferenceSession.create(onnx, { executionProviders: ['wasm'] }) };
}

/** The files of two versions may meet while somebody copies a new one over the old. */
async function assertOnnx(onnx: Uint8Array<ArrayBuffer>, digest: string): Promise<void> {
  // Browsers compute digests only for pages that nobody on the way can change.
  if (!isSecureContext || (await sha256(onnx)) === digest) return;
  throw new Error('The files of this page do not belong together. Load it again in a minute.');
}

async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0'));
  return `sha256:${hex.join('')}`;
}
