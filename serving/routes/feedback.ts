import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import type { Decision } from '../../platform/transforms/index.ts';
import type { FeedbackContent } from '../feedback/store.ts';
import { findModel, labelsOf, type ServedModel } from '../inference/models.ts';
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
  const store = async (model: ServedModel, request: FastifyRequest): Promise<Stored> => {
    assertSameSite(request);
    const { label, content } = parseCorrection(request.body);
    assertLabel(model, label);
    const digest = digestBytes(content.bytes);
    const predicted = await predictAgain(services, model, content);
    const { accepted } = predicted;
    const at = now().toISOString();
    const labels = labelsOf(model);
    const stored = await services.feedback.put(
      { ...labels, digest, label, predicted: predicted.class, accepted, at },
      content,
    );
    if (stored) {
      const correct = String(predicted.class === label);
      services.instruments.feedback.inc({ ...labels, predicted: predicted.class, label, correct });
    }
    return { stored, digest, label };
  };

  app.post(
    '/feedback',
    { schema: schema('Correct the default model'), validatorCompiler: checkedWhereRead },
    async (request, reply) =>
      reply.code(201).send(await store(findModel(services.models), request)),
  );

  app.post(
    '/models/:name/feedback',
    {
      schema: { ...schema('Correct a model by name'), params: Named },
      validatorCompiler: checkedWhereRead,
    },
    async (request, reply) =>
      reply.code(201).send(await store(findModel(services.models, request.params.name), request)),
  );
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

/** Otherwise another site could make its visitors' browsers fill this server's disk. */
function assertSameSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') throw new MainstemError('REQUEST_CROSS_SITE');
}

function parseCorrection(body: unknown): Correction {
  if (body instanceof Form) {
    const { files, fields } = body;
    const [bytes] = files;
    if (!bytes || files.length > 1) throw invalid('send one file');
    return { label: fields.label ?? '', content: { bytes, extension: extensionOf(bytes) } };
  }
  const known = typeof body === 'object' && body !== null && 'label' in body && 'row' in body;
  if (!known || typeof body.label !== 'string') throw invalid('send {"row": …, "label": …}');
  const [row] = parseRows(body.row, 1);
  const bytes = Buffer.from(canonicalJson(row));
  return { label: body.label, content: { bytes, extension: 'row.json' } };
}

function extensionOf(bytes: Uint8Array): 'jpg' | 'png' | 'webp' {
  if (bytes[0] === 0x89) return 'png';
  return bytes[0] === 0x52 ? 'webp' : 'jpg';
}

function assertLabel({ record }: ServedModel, label: string): void {
  const known = [...record.classes, otherLabel];
  if (record.classes.length > 0 && known.includes(label)) return;
  throw new MainstemError('FEEDBACK_LABEL_UNKNOWN', { label, known: known.join(', ') });
}

async function predictAgain(
  { silentPredictor }: Services,
  model: ServedModel,
  { bytes, extension }: FeedbackContent,
): Promise<{ class: string; accepted: Decision['accepted'] }> {
  const answer =
    extension === 'row.json'
      ? await silentPredictor.predictRows(
          model,
          parseRows(JSON.parse(Buffer.from(bytes).toString('utf8')), 1),
        )
      : await silentPredictor.predictPhotos(model, [bytes]);
  const [result] = answer.results;
  return { class: result?.class ?? '', accepted: result?.accepted ?? false };
}

function invalid(reason: string): MainstemError {
  return new MainstemError('REQUEST_INVALID', { reason });
}
