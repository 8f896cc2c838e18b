/*
 * The prediction server. Reads models/<name>/production.json, the records that they name, and the store;
 * writes feedback; listens on HOST:PORT. Settings: serving/config.ts.
 *
 *   node serving/server.ts --root . --port 8080 [--grpc-port 8081] [--host 127.0.0.1] [--model pumpkins]
 *
 * On SIGTERM, SIGINT or SIGHUP it stops being ready, finishes the requests in progress and ends. Started with an IPC channel,
 * it sends its parent `{ url, grpc }` once it listens, or `{ error }` if it cannot, and it ends when its parent does.
 */
import { keepCompiled } from '../platform/lib/keep-compiled.ts';
import '../platform/lib/use-bundles.js';

const store = keepCompiled();
// Loaded only now: what is imported above is loaded before anything runs.
const { runServer } = await import('./run-server.ts');
await runServer(process.argv.slice(2), process.env);
store();
