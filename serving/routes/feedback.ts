import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { type Digest, digestBytes, digestJson } from '../../platform/lib/hash.ts';
import { isCrossSite } from '../access/origin.ts';
import { listOf } from '../config.ts';
import type { Feedback, FeedbackContent, PhotoExtension } from '../feedback/store.ts';
import { findModel, labelsOf, type ServedModel } from '../inference/models.ts';
import { invalidRequest } from '../invalid-request.ts';
import { otherLabel } from '../plugins/model-metrics.ts';
import { problems, Row, Stored } from '../schemas.ts';
import type { App, Services } from '../services.ts';
import { parseRows } from './body.ts';
import { Form } from './form.ts';
import { checkedWhereRead, requestBody } from './predict.ts';

const Named = Type.Object({ name: Type.String() });

/** A correction as it was sent. */
interface Correction {
  readonly label: string;
  readonly content: FeedbackContent;
}

/**
 * `POST /feedback` and `POST /models/:name/feedback`: "this is wrong", with the right label. The model
 * predicts again, uncounted, so that the stored prediction is true whatever the sender claims.
 *
 * @param now the current time, for the stored line.
 */
export function feedbackRoutes(app: App, services: Services, now: () => Date): void {
  const { feedback, instruments, config } = services;
  const origins = new Set(listOf(config.origins));

  // Another site could make its visitors' browsers fill this server's disk. All this comes before the body is read, let alone
  // decoded: what cannot be stored costs nothing.
  const assertWanted = async (model: ServedModel, request: FastifyRequest, reply: FastifyReply) => {
    if (isCrossSite(request.headers, origins)) throw new MainstemError('REQUEST_CROSS_SITE');
    if (model.record.classes.length === 0) {
      throw new MainstemError('FEEDBACK_OF_NUMBERS', { model: model.name });
    }
    const at = now();
    await feedback.assertOpen(model.name, at.toISOString()).catch(sayWhen(reply, at));
  };

  const store = async (model: ServedModel, request: FastifyRequest, reply: FastifyReply) => {
    const { label, content } = parseCorrection(request.body);
    assertLabel(model, label);
    const digest = digestOf(content);
    const predicted = await predictAgain(services, model, content);
    const labels = labelsOf(model);
    const at = now();
    const line = { ...labels, ...predicted, digest, label, at: at.toISOString() };
    const stored = await feedback.put(line, content).catch(sayWhen(reply, at));
    if (stored) {
      const correct = String(predicted.predicted === label);
      instruments.feedback.inc({ ...labels, predicted: predicted.predicted, label, correct });
    }
    return reply.code(201).send({ stored, digest, label });
  };

  app.post(
    '/feedback',
    {
      schema: schema('Correct the default model'),
      validatorCompiler: checkedWhereRead,
      onRequest: (request, reply) => assertWanted(findModel(services.models), request, reply),
    },
    (request, reply) => store(findModel(services.models), request, reply),
  );

  app.post(
    '/models/:name/feedback',
    {
      schema: { ...schema('Correct a model by name'), params: Named },
      validatorCompiler: checkedWhereRead,
      onRequest: (request, reply) =>
        assertWanted(findModel(services.models, request.params.name), request, reply),
    },
    (request, reply) => store(findModel(services.models, request.params.name), request, reply),
  );
}

/** Adds to "no more today" how long today still is. The day is UTC. */
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
    description: `The photo as a multipart file with a field \`label\`, or JSON \`{"row": …, "label": …}\`. The label is a class, or \`${otherLabel}\`.`,
    tags: ['feedback'],
    ...requestBody({
      'multipart/form-data': Type.Object({
        label: Type.String({ minLength: 1 }),
        file: Type.String({ format: 'binary' }),
      }),
      'application/json': Type.Object({ label: Type.String({ minLength: 1 }), row: Row }),
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
    return { label: fields.label, content };
  }
  const known = typeof body === 'object' && body !== null && 'label' in body && 'row' in body;
  if (!known || typeof body.label !== 'string') throw invalidRequest('send {"row": …, "label": …}');
  const [row] = parseRows(body.row, 1);
  if (!row) throw invalidRequest('send one row');
  return { label: body.label, content: { kind: 'row', row } };
}

function extensionOf(bytes: Uint8Array): PhotoExtension {
  if (bytes[0] === 0x89) return 'png';
  return bytes[0] === 0x52 ? 'webp' : 'jpg';
}

function digestOf(content: FeedbackContent): Digest {
  return content.kind === 'photo' ? digestBytes(content.bytes) : digestJson(content.row);
}

function assertLabel({ record }: ServedModel, label: string): void {
  const known = [...record.classes, otherLabel];
  if (known.includes(label)) return;
  throw new MainstemError('FEEDBACK_LABEL_UNKNOWN', { label, known: known.join(', ') });
}

async function predictAgain(
  { silentPredictor }: Services,
  model: ServedModel,
  content: FeedbackContent,
): Promise<Pick<Feedback, 'predicted' | 'accepted'>> {
  const { results } =
    content.kind === 'row'
      ? await silentPredictor.predictRows(model, [content.row])
      : await silentPredictor.predictPhotos(model, [content.bytes]);
  const [result] = results;
  return { predicted: result?.class ?? '', accepted: result?.accepted ?? false };
}
