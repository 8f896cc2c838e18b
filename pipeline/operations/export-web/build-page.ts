import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { readFile } from '../../../platform/lib/read-text.ts';
import type { PromotedModel } from '../../../platform/registry/index.ts';
import { bundleForBrowsers } from './bundle-worker.ts';
import { renderIndex } from './render-index.ts';

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, '../../..');
const web = join(root, 'serving/web');
const offline = join(root, 'serving/offline/web');

/** Media types by extension. The page's service worker answers with them, whatever the host says. */
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.onnx': 'application/octet-stream',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** The media type of a file of the page. */
export function typeOf(path: string): string {
  const type = types[extname(path)];
  if (type === undefined) throw new Error(`the page has no media type for ${path}`);
  return type;
}

/** What a page is made of, beside the sources. */
export interface PageParts {
  readonly name: string;
  readonly promoted: PromotedModel;
  readonly onnx: Uint8Array;
  /** Where corrections go; null for nowhere. */
  readonly server: string | null;
}

/** All files of an exported page but its service worker, by path. */
export async function buildPage(parts: PageParts): Promise<ReadonlyMap<string, Uint8Array>> {
  const { page, preprocessing } = parts.promoted.record;
  const html = await readFile(join(web, 'index.html'), 'utf8');
  const field = await readFile(join(offline, 'field.html'), 'utf8');
  const texts: Readonly<Record<string, string>> = {
    'index.html': renderIndex({ html, field, title: page.title, server: parts.server }),
    'manifest.webmanifest': renderManifest(parts.name, page.title),
    'model.json': JSON.stringify(describePage(parts)),
    'settings.js': `export const server = ${JSON.stringify(parts.server)};\n`,
    'worker.js': await bundleForBrowsers('worker.ts'),
  };
  const files = new Map<string, Uint8Array>([
    ...(await readSources()),
    ...Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)] as const),
    ['runtime.wasm', await readPackage('onnxruntime-web/ort-wasm-simd-threaded.wasm')],
    ['model.onnx', parts.onnx],
  ]);
  if (preprocessing.kind === 'image') {
    files.set('jpeg-turbo.wasm', await readPackage('@cwasm/jpeg-turbo/jpeg-turbo.wasm'));
    files.set('kernels.wasm', await readFile(join(root, 'platform/transforms/kernels.wasm')));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The server's page, with the modules that differ without a server, and the server's client under another name. */
async function readSources(): Promise<[string, Uint8Array][]> {
  const own = (await readdir(offline)).filter(
    (name) => !['field.html', 'service-worker.js'].includes(name),
  );
  const shared = (await readdir(web)).filter(
    (name) => name !== 'index.html' && !own.includes(name),
  );
  const places: (readonly [string, string])[] = [
    ...shared.map((name) => [name, join(web, name)] as const),
    ...own.map((name) => [name, join(offline, name)] as const),
    ['client.js', join(web, 'api.js')],
  ];
  return Promise.all(places.map(async ([name, path]) => [name, await readFile(path)]));
}

function readPackage(specifier: string): Promise<Uint8Array> {
  return readFile(require.resolve(specifier));
}

/** Only what answering needs: the page is public, and what a model was made of need not be. */
function describePage({ name, promoted: { pointer, record }, server }: PageParts): unknown {
  const { task, classes, createdAt, preprocessing, page } = record;
  const { temperature, priorShift, decision, outOfDistribution } = record.evaluation;
  const evaluation = { temperature, priorShift, decision, outOfDistribution };
  return {
    model: {
      name,
      version: pointer.run,
      pointer: { record: pointer.record },
      record: { task, classes, createdAt, preprocessing, page, evaluation },
    },
    onnx: pointer.onnx,
    server,
  };
}

function renderManifest(name: string, title: string): string {
  const icon = (size: number) => ({
    src: `icon-${size}.png`,
    sizes: `${size}x${size}`,
    type: 'image/png',
    purpose: 'any maskable',
  });
  const manifest = {
    name: title,
    short_name: name,
    lang: 'en',
    id: './',
    start_url: './',
    scope: './',
    display: 'standalone',
    theme_color: '#dfe9d8',
    background_color: '#dfe9d8',
    icons: [icon(192), icon(512)],
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
