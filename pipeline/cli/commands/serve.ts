import type { Command } from 'commander';
import type { ServeOptions } from '../../operations/start-server.ts';
import { openWorkspace } from '../command.ts';
import { parsePort, parseText } from '../options.ts';

/** `mainstem serve`: the promoted models, in a process of their own. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('answer predictions with the promoted models, and show the page')
    .option('--port <number>', 'where to listen; 0 takes any free port', parsePort, 8080)
    .option(
      '--grpc-port <number>',
      'where to listen for gRPC of the Open Inference Protocol; 0 takes any free port (default: no gRPC)',
      parsePort,
    )
    .option(
      '--host <address>',
      'which address to listen on; 0.0.0.0 for all',
      parseText,
      '127.0.0.1',
    )
    .option(
      '--model <name>',
      'model behind /predict and the page (default: the first by name)',
      parseText,
    )
    .addHelpText('after', '\nExample:\n  npx mainstem serve --port 9000 --model pumpkins')
    .action(async (options: ServeOptions) => {
      const workspace = openWorkspace();
      const { startServer } = await import('../../operations/start-server.ts');
      const server = await startServer(workspace, options);
      const grpc = server.grpc ? `, gRPC at ${server.grpc}` : '';
      workspace.reporter.info(`Serving at ${server.url}${grpc} (Ctrl-C ends it)`);
      process.exitCode = await server.closed;
    });
}
