import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { sliceNames, slicesOf } from '../../monitoring/index.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { digestBytes, digestJson } from '../../platform/lib/hash.ts';
import { findSchemaFault } from '../../platform/lib/schema-fault.ts';
import { shorten } from '../../platform/lib/text.ts';
import { type LoggedPrediction, otherLabel } from '../../platform/schemas/index.ts';
import { stripPhoto } from '../../platform/transforms/index.ts';
import { isCrossSite } from '../access/origin.ts';
import { listOf } from '../config.ts';
import type { Feedback, FeedbackContent, PhotoExtension } from '../feedback/store.ts';
import type { Lineup } from '../inference/lineup.ts';
import type { ServedModel } from '../inference/models.ts';
import { invalidRequest } from '../invalid-request.ts';
import { modelOf } from '../plugins/chosen-models.ts';
import { exchangeOf } from '../plugins/exchanges.ts';
import { countFeedback } from '../plugins/model-metrics.ts';
import {
  AnsweredBy,
  LabelById,
  type Prediction,
  problems,
  Row,
  Slices,
  Stored,
} from '../schemas.ts';
import type { App, Services } from '../services.ts';
import { parseRows } from './body.ts';
import { Form } from './form.ts';
import { checkedWhereRead, requestBody } from './predict.ts';

const Named = Type.Object({ name: Type.String() });

/** A corrected example, and the version that gave the answer. */
interface LabelOfContent {
  readonly content: FeedbackContent;
  readonly version?: string;
}

/** A correction as it was sent: with the example, or for an answer that is named. */
type Correction = (LabelOfContent | { readonly answer: LabelById }) & {
  readonly label: string;
  /** What the sender says of the example. */
  readonly slices: Static<typeof Slices>;
};

/**
 * `POST /feedback` and `POST /models/:name/feedback`: "this is wrong", with the right label. The model
 * predicts again, uncounted, so that the stored prediction is true whatever the sender claims. Of an answer that is named
 * the prediction log says what was predicted.
 *
 * @param now the current time, for the stored line.
 */
export function feedbackRoutes(app: App, services: Services, now: () => Date): void {
  const { feedback, config } = services;
  const origins = new Set(listOf(config.origins));

  // Another site could make its visitors' browsers fill this server's disk. All this comes before the body is read, let alone
  // decoded: what cannot be stored costs nothing.
  const assertWanted = async (request: FastifyRequest, reply: FastifyReply) => {
    const model = modelOf(request);
    if (isCrossSite(request.headers, origins)) throw new MainstemError('REQUEST_CROSS_SITE');
    if (model.record.classes.length === 0) {
      throw new MainstemError('FEEDBACK_OF_NUMBERS', { model: model.name });
    }
    const at = now();
    await feedback.assertOpen(model.name, at.toISOString()).catch(sayWhen(reply, at));
  };

  const store = (request: FastifyRequest, reply: FastifyReply) =>
    storeCorrection(services, now, request, reply);

  app.post(
    '/feedback',
    {
      schema: schema('Correct the default model'),
      validatorCompiler: checkedWhereRead,
      onRequest: assertWanted,
    },
    store,
  );

  app.post(
    '/models/:name/feedback',
    {
      schema: { ...schema('Correct a model by name'), params: Named },
      validatorCompiler: checkedWhereRead,
      onRequest: assertWanted,
    },
    store,
  );
}

/** Stores what a request corrects, and answers it. */
async function storeCorrection(
  services: Services,
  now: () => Date,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const correction = parseCorrection(request.body);
  const { label, slices } = correction;
  const corrected = correctedModel(services.lineup, modelOf(request), correction);
  const isGone = corrected === null;
  const model = corrected ?? modelOf(request);
  exchangeOf(request).onEnd(services.lineup.hold(model));
  assertLabel(model, label);
  assertSlices(model, slices);
  const { content, ...judged } =
    'answer' in correction
      ? judgeKept(await findAnswer(services, model, correction.answer))
      : await judgeAgain(services, model, correction, isGone);
  const at = now();
  const named = Object.keys(slices).length > 0 && { slices };
  const line = { model: model.name, ...judged, ...named, label, at: at.toISOString() };
  const stored = await services.feedback.put(line, content).catch(sayWhen(reply, at));
  // Nobody knows what a version that is gone said: the label teaches the next model, but counts for no version.
  if (stored && !isGone) countCorrection(services, model, line, content);
  return reply.code(201).send({ stored, digest: judged.digest, label });
}

function countCorrection(
  { instruments }: Services,
  model: ServedModel,
  { version, predicted, label, slices = {} }: Feedback,
  content: FeedbackContent,
): void {
  countFeedback(instruments, { ...model, version }, { predicted, label });
  const correct = String(predicted === label);
  const row = content.kind === 'row' ? content.row : undefined;
  for (const slice of slicesOf(model.record, slices, row))
    instruments.sliceFeedback.inc({ model: model.name, version, ...slice, correct });
}

/** The version that a correction names, or the one in production; null for one that is not loaded any more. */
function correctedModel(
  lineup: Lineup,
  model: ServedModel,
  correction: Correction,
): ServedModel | null {
  const version = 'version' in correction ? correction.version : undefined;
  if (version === undefined) return model;
  try {
    return lineup.find(model.name, version);
  } catch (error) {
    if (isMainstemError(error, 'MODEL_VERSION_UNKNOWN')) return null;
    throw error;
  }
}

/** Adds to "no more today" when the next day begins, in UTC. */
function sayWhen(reply: FastifyReply, now: Date): (error: unknown) => never {
  return (error) => {
    if (isMainstemError(error, 'FEEDBACK_DAILY_LIMIT')) {
      const seconds = Math.ceil((86_400_000 - (now.getTime() % 86_400_000)) / 1000);
      reply.header('retry-after', String(seconds));
    }
    throw error;
  };
}

function schema(summary: string) {
  return {
    summary,
    description: `The photo as a multipart file with a field \`label\`, or JSON \`{"row": …, "label": …}\`; for an answer that the server has kept, JSON \`{"id": …, "label": …}\`. The label is a class, or \`${otherLabel}\`.`,
    tags: ['feedback'],
    ...requestBody({
      'multipart/form-data': Type.Object({
        label: Type.String({ minLength: 1 }),
        version: Type.Optional(AnsweredBy),
        slices: Type.Optional(Type.String({ description: 'as in JSON, as text' })),
        file: Type.String({ format: 'binary' }),
      }),
      'application/json': Type.Union([
        Type.Object({
          label: Type.String({ minLength: 1 }),
          row: Type.Union([Row, Type.Array(Row, { minItems: 1, maxItems: 1 })]),
          version: Type.Optional(AnsweredBy),
          slices: Type.Optional(Slices),
        }),
        LabelById,
      ]),
    }),
    response: { 201: Stored, ...problems },
  };
}

function parseCorrection(body: unknown): Correction {
  if (body instanceof Form) {
    const { files, fields } = body;
    const [bytes] = files;
    if (!bytes || files.length > 1) throw invalidRequest('send one file');
    const content = { kind: 'photo', bytes, extension: extensionOf(bytes) } as const;
    if (!fields.label) throw invalidRequest('the form needs the field label, with the right class');
    const slices = parseSlices(fields.slices === undefined ? {} : parseText(fields.slices));
    return { label: fields.label, content, slices, ...versionOf(fields.version) };
  }
  if (typeof body !== 'object' || body === null) throw invalidRequest(jsonWanted);
  if ('id' in body && !('row' in body)) return parseLabel(body);
  const known = 'label' in body && 'row' in body;
  if (!known || typeof body.label !== 'string') throw invalidRequest(jsonWanted);
  if (Array.isArray(body.row) && body.row.length > 1) throw invalidRequest('send one row');
  const [row] = parseRows(body.row, 1);
  if (!row) throw invalidRequest('send one row');
  const version = 'version' in body ? body.version : undefined;
  if (version !== undefined && typeof version !== 'string')
    throw invalidRequest('"version" is a text: the version that gave the answer');
  const slices = parseSlices('slices' in body ? body.slices : {});
  return { label: body.label, content: { kind: 'row', row }, slices, ...versionOf(version) };
}

function versionOf(sent: unknown): { readonly version?: string } {
  if (typeof sent !== 'string' || sent === '') return {};
  if (/^[0-9a-f]{12}$/.test(sent)) return { version: sent };
  throw invalidRequest(
    `"version" is ${shorten(sent)}, but must be the version that an answer names`,
  );
}

const jsonWanted = 'send {"row": …, "label": …}, or {"id": …, "label": …} for an answer';

function parseLabel(body: object): Correction {
  const fault = findSchemaFault(LabelById, body);
  if (fault) throw invalidRequest(`${fault.key} is ${fault.value}, but must be ${fault.allowed}`);
  const answer = body as LabelById;
  return { label: answer.label, answer, slices: answer.slices ?? {} };
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest('the form field slices must be a JSON object');
  }
}

function parseSlices(sent: unknown): Static<typeof Slices> {
  const fault = findSchemaFault(Slices, sent);
  if (!fault) return sent as Static<typeof Slices>;
  throw invalidRequest(`slices: ${fault.key} is ${fault.value}, but must be ${fault.allowed}`);
}

/** A typing error would be counted nowhere. */
function assertSlices({ record }: ServedModel, slices: Static<typeof Slices>): void {
  const known = sliceNames(record);
  const unknown = Object.keys(slices).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const all = known.length > 0 ? `known are ${known.join(', ')}` : 'the model has none';
  throw invalidRequest(`"${shorten(unknown)}" is not a slice: ${all}`);
}

function extensionOf(bytes: Uint8Array): PhotoExtension {
  if (bytes[0] === 0x89) return 'png';
  return bytes[0] === 0x52 ? 'webp' : 'jpg';
}

function assertLabel({ record }: ServedModel, label: string): void {
  const known = [...record.classes, otherLabel];
  if (known.includes(label)) return;
  throw new MainstemError('FEEDBACK_LABEL_UNKNOWN', { label, known: known.join(', ') });
}

/** What a model answered, and about what. */
type Judged = Omit<Feedback, 'model' | 'label' | 'at'> & { readonly content: FeedbackContent };

const reason = 'its parts are not built as its format says';

/**
 * What the model says, which must take the example whoever gave the answer: what it refuses nobody could learn from.
 *
 * @param isGone whether a version gave the answer that is not loaded any more, so that nobody knows what that one said
 */
async function judgeAgain(
  { silentPredictor }: Services,
  model: ServedModel,
  { content, version = '' }: LabelOfContent,
  isGone: boolean,
): Promise<Judged> {
  const { results } =
    content.kind === 'photo'
      ? await silentPredictor.predictPhotos(model, [content.bytes])
      : await silentPredictor.predictRows(model, [content.kind === 'row' ? content.row : {}]);
  const kept = keep(content);
  return isGone
    ? { ...kept, version, predicted: '', accepted: false }
    : { ...kept, version: model.version, ...answerOf(results) };
}

/** What of a corrected example is kept. Where and when a photo was taken is nobody's business. @throws MainstemError IMAGE_UNREADABLE */
function keep(content: FeedbackContent): Pick<Judged, 'digest' | 'content'> {
  if (content.kind !== 'photo') {
    return { digest: digestJson(content.kind === 'row' ? content.row : {}), content };
  }
  // Named by what was sent, as the prediction log names it.
  const digest = digestBytes(content.bytes);
  const bytes = stripPhoto(content.bytes);
  if (!bytes) throw new MainstemError('IMAGE_UNREADABLE', { name: 'the photo', reason });
  return { digest, content: { ...content, bytes } };
}

function answerOf([result]: Prediction['results']): Pick<Feedback, 'predicted' | 'accepted'> {
  return { predicted: result?.class ?? '', accepted: result?.accepted ?? false };
}

/** @throws MainstemError FEEDBACK_ID_UNKNOWN, FEEDBACK_UNWRITABLE, REQUEST_INVALID */
async function findAnswer(
  { predictions }: Services,
  { name }: ServedModel,
  { id, index }: LabelById,
): Promise<LoggedPrediction> {
  const found = await predictions.find(name, id, index ?? 0);
  if (!found) {
    const details = { model: name, id: shorten(id), index: index ?? 0 };
    throw new MainstemError('FEEDBACK_ID_UNKNOWN', details);
  }
  if (index === undefined && found.inputs > 1) {
    const last = found.inputs - 1;
    throw invalidRequest(
      `the answer has ${found.inputs} inputs: say which by "index", 0 to ${last}`,
    );
  }
  return found;
}

function judgeKept(found: LoggedPrediction): Judged {
  const { version, digest, accepted, id, index, row } = found;
  const content: FeedbackContent = row ? { kind: 'row', row } : { kind: 'digest' };
  const digested = digest as Feedback['digest'];
  return { version, digest: digested, predicted: found.class ?? '', accepted, id, index, content };
}
