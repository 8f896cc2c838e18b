import sharp from 'sharp';
import { Type } from 'typebox';
import { parseValue } from '../../platform/lib/json.ts';
import { ModelMetadata } from '../../serving/routes/inference-schemas.ts';
import { ModelDescription } from '../../serving/schemas.ts';

/** A request before it becomes bytes. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** A valid request for each route of a server, and those that sections of the benchmark repeat. */
export interface Requests {
  readonly all: readonly HttpRequest[];
  /** A photo of the usual size, as the whole body. */
  readonly photo: HttpRequest;
  /** Where rows are sent to. */
  readonly rowsPath: string;
}

const Models = Type.Array(ModelDescription);
/** A model with the shape of one input as numbers. */
type Model = ModelDescription & { readonly shape: readonly number[] };
const OpenApi = Type.Object({
  paths: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
});

/**
 * Builds a valid request for each route in a server's OpenAPI document, and for each of its models.
 *
 * @throws Error if a route takes a body and nothing here says which
 */
export async function buildRequests(url: string): Promise<Requests> {
  const models = await readModels(url);
  const { paths } = parseValue(await getJson(`${url}/openapi.json`), OpenApi, 'the API');
  const photo = await makePhoto();
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
  const pages = ['/', '/page.js', '/docs', '/openapi.json'].map((path) => get(path));
  const all = routes.flatMap(({ method, path }) => {
    // The document writes out the paths of every model.
    const name = /\/models\/([^/]+)/.exec(path)?.[1];
    const model = models.find((one) => encodeURIComponent(one.name) === name) ?? models[0];
    if (!model) throw new Error('no model is served');
    return method === 'GET' ? [get(path)] : bodiesOf(path, model, photo).map(postTo(path));
  });
  const photos = models.find(({ columns }) => columns.length === 0);
  const rows = models.find(({ columns }) => columns.length > 0);
  if (!photos || !rows) throw new Error('a model of photos and one of rows must be served');
  return {
    all: [...pages, ...all],
    photo: postTo(`/models/${photos.name}/predict`)({ type: 'image/jpeg', body: photo }),
    rowsPath: `/models/${rows.name}/predict`,
  };
}

/** The bytes of a request, for a connection of its own or for one that stays open. */
export function renderRequest(
  { method, path, headers, body }: HttpRequest,
  connection: 'close' | 'keep-alive' = 'close',
): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    `connection: ${connection}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(method === 'GET' ? [] : [`content-length: ${body.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

/** A request of JSON. */
export function postJson(path: string, text: string): HttpRequest {
  return postTo(path)({ type: 'application/json', body: Buffer.from(text) });
}

/** A request of a form with files. */
export function postForm(path: string, files: readonly Uint8Array[], fields = {}): HttpRequest {
  return postTo(path)(formOf(files, fields));
}

interface Body {
  readonly type: string;
  readonly body: Buffer;
}

function get(path: string): HttpRequest {
  return { method: 'GET', path, headers: [], body: Buffer.alloc(0) };
}

const postTo =
  (path: string) =>
  ({ type, body }: Body): HttpRequest => ({
    method: 'POST',
    path,
    headers: [['content-type', type]],
    body,
  });

function bodiesOf(path: string, model: Model, photo: Buffer): Body[] {
  const row = Object.fromEntries(
    model.columns.map(({ name, values, typical }) => [name, typical ?? values[0] ?? null]),
  );
  const label = model.classes[0]?.class ?? '';
  const table = model.columns.length > 0;
  if (path.endsWith('/feedback')) {
    return [table ? jsonOf({ row, label }) : formOf([photo], { label })];
  }
  if (path.endsWith('/predict')) {
    if (table) return [jsonOf(row), jsonOf([row, row, row])];
    return [{ type: 'image/jpeg', body: photo }, formOf([photo, photo], {})];
  }
  if (path.endsWith('/explain')) return [table ? jsonOf(row) : { type: 'image/jpeg', body: photo }];
  if (path.endsWith('/infer')) {
    const tensor = jsonOf({ inputs: [tensorOf([1, ...model.shape])] });
    if (table) return [tensor];
    const image = {
      name: 'image',
      datatype: 'BYTES',
      shape: [1],
      data: [photo.toString('base64')],
    };
    return [tensor, jsonOf({ id: 'bench', inputs: [image], outputs: [{ name: 'class' }] })];
  }
  if (path === '/v2/repository/index') return [jsonOf({ ready: true })];
  if (path.endsWith('/load')) return [jsonOf({ parameters: {} })];
  // The others would find nothing to ask.
  if (path.endsWith('/unload')) return [];
  if (path === '/session') return [jsonOf({ key: 'mainstem_0' })];
  throw new Error(`bench/reliability/requests.ts has no body for ${path}`);
}

const tensorOf = (shape: readonly number[]) => ({
  name: 'input',
  datatype: 'FP32',
  shape,
  data: Array(shape.reduce((product, length) => product * length, 1)).fill(0.5),
});

const jsonOf = (value: unknown): Body => ({
  type: 'application/json',
  body: Buffer.from(JSON.stringify(value)),
});

const boundary = 'mainstem-bench-reliability';

function formOf(files: readonly Uint8Array[], fields: Readonly<Record<string, string>>): Body {
  const part = (disposition: string, content: Uint8Array | string) => [
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ];
  const parts = [
    ...Object.entries(fields).flatMap(([name, value]) => part(`name="${name}"`, value)),
    ...files.flatMap((file, at) => part(`name="file"; filename="${at}.jpg"`, file)),
    Buffer.from(`--${boundary}--\r\n`),
  ];
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(parts) };
}

/** A photo of about 19 kB, as people send it. */
async function makePhoto(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 140, sigma: 25 } as const;
  const create = { width: 256, height: 256, channels: 3, background: '#ff8c1a', noise } as const;
  return sharp({ create }).jpeg({ quality: 80 }).toBuffer();
}

async function getJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

async function readModels(url: string): Promise<Model[]> {
  const models = parseValue(await getJson(`${url}/models`), Models, 'the models');
  return Promise.all(
    models.map(async (model) => {
      const about = await getJson(`${url}/v2/models/${model.name}`);
      const { inputs } = parseValue(about, ModelMetadata, 'the metadata');
      const numbers = inputs.find(({ datatype }) => datatype === 'FP32');
      return { ...model, shape: numbers?.shape.slice(1) ?? [] };
    }),
  );
}
