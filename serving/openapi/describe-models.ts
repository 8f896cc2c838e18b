import type { Config } from '../config.ts';
import type { ServedModel } from '../inference/models.ts';
import {
  type Bodies,
  changeBodies,
  feedbackBodies,
  inferBodies,
  inputBodies,
} from './model-bodies.ts';

/** What of an OpenAPI document this reads and writes. */
export interface ApiDocument {
  readonly paths?: Readonly<Record<string, ApiPath>>;
}
type ApiPath = Readonly<Record<string, ApiOperation>>;
interface ApiOperation {
  readonly requestBody?: { readonly content: object };
  readonly parameters?: readonly { readonly name: string }[];
  readonly summary?: string;
}

/** The models of a server that a document is about. */
export interface DescribedModels {
  /** What answers now, the default one first. */
  readonly models: readonly ServedModel[];
  /** The same, with what is tried. */
  readonly answering: readonly ServedModel[];
  readonly config: Pick<Config, 'rows' | 'files'>;
}

/**
 * The document with the paths of models written out, so that it says of each what it takes: a path with a name stands there once for
 * every model that answers, one with a version once for every version.
 */
export function describeModels<Document extends ApiDocument>(
  document: Document,
  described: DescribedModels,
): Document {
  const paths = Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    modelsOf(path, described).flatMap((model) => describePath(path, operations, model, described)),
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

/** The models that a path is about; undefined where it is about none. */
function modelsOf(
  path: string,
  { models, answering }: DescribedModels,
): readonly (ServedModel | undefined)[] {
  if (path.includes('{version}')) return answering;
  if (path.includes('{name}')) return models;
  return /^\/(?:predict|feedback)$/.test(path) ? models.slice(0, 1) : [undefined];
}

function describePath(
  path: string,
  operations: ApiPath,
  model: ServedModel | undefined,
  { config }: DescribedModels,
): [string, ApiPath][] {
  if (!model) return [[path, operations]];
  const content = bodiesOf(path, model, config);
  // It takes nothing: its answers are numbers.
  if (content === null) return [];
  const written = path
    .replace('{name}', encodeURIComponent(model.name))
    .replace('{version}', encodeURIComponent(model.version));
  const own = Object.entries(operations).map(([method, operation]) => {
    const { parameters = [], requestBody, ...rest } = operation;
    const others = parameters.filter(({ name }) => name !== 'name' && name !== 'version');
    return [
      method,
      {
        ...rest,
        ...(others.length > 0 && { parameters: others }),
        ...(requestBody && {
          requestBody: { ...requestBody, content: content ?? requestBody.content },
        }),
      },
    ];
  });
  return [[written, Object.fromEntries(own)]];
}

/** What is sent to a path; undefined where it says so itself. */
function bodiesOf(
  path: string,
  model: ServedModel,
  { rows, files }: DescribedModels['config'],
): Bodies | null | undefined {
  const isImage = model.record.preprocessing.kind === 'image';
  if (path.endsWith('/predict')) return inputBodies(model, isImage ? files : rows);
  if (path.endsWith('/explain')) return inputBodies(model, 1);
  if (path.endsWith('/feedback')) return feedbackBodies(model);
  if (path.endsWith('/infer')) return inferBodies(model);
  return /\/(?:un)?load$/.test(path) ? changeBodies : undefined;
}
