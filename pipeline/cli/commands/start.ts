import { join } from 'node:path';
import type { Command } from 'commander';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { openWorkspace } from '../command.ts';
import { parsePort, parseText } from '../options.ts';

interface StartOptions {
  readonly port: number;
  readonly host: string;
}

const preferred = 'pumpkins';

/** `start`: what `npm start` runs. From nothing to a page that answers; the second time, just the page. */
export function registerStart(program: Command): void {
  program
    .command('start [project]')
    .description(
      `build what a project's promoted model still needs, then serve it (default: ${preferred})`,
    )
    .option('--port <number>', 'where the page listens; 0 takes any free port', parsePort, 8080)
    .option('--host <address>', 'which address it listens on', parseText, '127.0.0.1')
    .addHelpText('after', '\nExample:\n  npm start -- --port 3000')
    .action(runStart);
}

async function runStart(name: string | undefined, options: StartOptions): Promise<void> {
  const workspace = openWorkspace();
  const { reporter, signal } = workspace;
  const [{ openContext }, { ensurePromoted }, { projectNames }, { startServer }] =
    await Promise.all([
      import('../../context.ts'),
      import('../../operations/ensure-promoted.ts'),
      import('../../../platform/schemas/define/index.ts'),
      import('../../operations/start-server.ts'),
    ]);
  const names = await projectNames(workspace.root);
  const project = name ?? (names.includes(preferred) ? preferred : (names[0] ?? preferred));
  // Otherwise Docker makes it when compose mounts it, as root, and no snapshot can be written. A repository that is read-only
  // can be served all the same.
  await makeFolder(join(workspace.root, '.mainstem/features')).catch(() => {});
  await ensurePromoted(await openContext(workspace, project));
  const server = await startServer(workspace, { ...options, model: project });
  reporter.info(`\n${project} answers at ${server.url}   (Ctrl-C stops it)`);
  reporter.info(nextSteps(project));
  signal.addEventListener('abort', () => void server.stop(), { once: true });
  process.exitCode = await server.closed;
}

function nextSteps(project: string): string {
  return [
    `  change    pipeline/projects/${project}/params.json, for example learningRate`,
    `  measure   npx mainstem experiment ${project}`,
    `  promote   npx mainstem promote ${project}      and back: npx mainstem rollback ${project}`,
  ].join('\n');
}
