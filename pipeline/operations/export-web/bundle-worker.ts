import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const offline = join(root, 'serving/offline');

/**
 * Joins a module of the server with all that it imports into one that browsers run. The parts of Node that it uses are
 * replaced by those in `serving/offline/node`; what the module does not use is left out. The same sources give the same text.
 *
 * @param entry relative to `serving/offline`
 * @throws Error if the module needs more of Node than is there
 */
export async function bundleForBrowsers(entry: string): Promise<string> {
  // Loaded here: no other command needs it.
  const { rolldown } = await import('rolldown');
  const node = (name: string) => join(offline, 'node', `${name}.ts`);
  const bundle = await rolldown({
    cwd: root,
    input: join(offline, entry),
    platform: 'browser',
    resolve: {
      alias: { 'node:fs': node('fs'), 'node:module': node('module'), 'node:path': node('path') },
    },
    transform: { inject: { Buffer: [node('buffer'), 'Buffer'] } },
    // Modules of the repository and of the runtime do nothing when they are loaded but define what they export.
    treeshake: { moduleSideEffects: (id) => id === join(offline, entry) },
    external: ['sharp', /^node:(?!fs$|module$|path$)/],
    // Comments that name where packages lie would differ from one machine to the next.
    experimental: { attachDebugInfo: 'none' },
    onLog: () => undefined,
  });
  try {
    const { output } = await bundle.generate({ format: 'esm' });
    const [chunk, ...more] = output;
    const needed = [...chunk.imports, ...chunk.dynamicImports, ...more.map((one) => one.fileName)];
    if (needed.length > 0) throw new Error(`${entry} needs ${needed.join(', ')} in a browser`);
    return chunk.code;
  } finally {
    await bundle.close();
  }
}
