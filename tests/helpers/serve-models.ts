import { openStore } from '../../platform/storage/index.ts';
import { buildApp, type ServingApp } from '../../serving/app.ts';
import { parseConfig } from '../../serving/config.ts';

/**
 * The server of a folder's models, with one thread and without a log. It does not listen; close its `app`.
 *
 * @param settings beside these, or instead of them
 * @param now what time the server takes it to be
 * @example
 * const { app } = await serveModels(repository.root, { model: 'pumpkins' });
 * (await app.inject('/readyz')).json(); // { status: 'ready' }
 */
export async function serveModels(
  root: string,
  settings: Readonly<Record<string, unknown>> = {},
  now: () => Date = () => new Date(),
): Promise<ServingApp> {
  const config = parseConfig({ root, workers: 1, logLevel: 'silent', ...settings });
  return buildApp({ config, store: openStore(root), now });
}
