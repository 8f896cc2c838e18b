/*
 * Loads whatever a server loads and ends: what it compiled is kept for the next start, as a server keeps it, too. For images,
 * whose file system is read-only later. Reads no settings and no models; writes to NODE_COMPILE_CACHE, or node_modules/.cache/node.
 *
 *   node serving/compile.ts
 */
import { keepCompiled } from '../platform/lib/keep-compiled.ts';
import '../platform/lib/use-bundles.js';

const store = keepCompiled();
const { endThreads, startThread } = await import('./inference/threads.ts');
const threads = [startThread()];
await Promise.all([
  import('./run-server.ts'),
  import('./app.ts'),
  import('./grpc/server.ts'),
  import('../platform/storage/store/index.ts'),
]);
await endThreads(threads);
store();
