import { Argument, type Command } from 'commander';
import { renderBytes } from '../../../platform/lib/text.ts';
import { type BackendName, backendNames } from '../../../platform/schemas/backend-names.ts';
import type { InstalledBackend } from '../../operations/backends/install-backend.ts';
import type { ListedBackend } from '../../operations/backends/list-backends.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

interface InstallOptions extends CommonOptions {
  readonly force?: boolean;
}

/** `backend list`, `backend install`, `backend check`: what networks are trained with. */
export function registerBackend(program: Command): void {
  const backend = program
    .command('backend')
    .description('say which tensor backends work here, and install the native ones');
  backend
    .command('list')
    .description('print every tensor backend, whether it works on this machine, and why not')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem backend list')
    .action(runList);
  backend
    .command('install')
    .description(
      'download, verify, compile and try the native part of a backend: TensorFlow on the processor or on an NVIDIA GPU',
    )
    .addArgument(new Argument('<name>').choices(['tensorflow', 'tensorflow-gpu']))
    .option('--force', 'make all of it again, also where one that works is installed')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem backend install tensorflow')
    .action(runInstall);
  backend
    .command('check')
    .description(
      'verify the files of a backend, start it, and compute a convolution and its gradient',
    )
    .addArgument(new Argument('<name>').choices(backendNames))
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem backend check tensorflow')
    .action(runCheck);
}

async function runList(options: CommonOptions): Promise<void> {
  const { listBackends } = await import('../../operations/backends/list-backends.ts');
  const backends = await listBackends();
  printResult(options, backends, backends.map(renderListed).join('\n'));
}

function renderListed(backend: ListedBackend): string {
  const sign = backend.usable ? '✓' : '✗';
  const bits = backend.deterministic ? 'the same bits every time' : 'not the same bits every time';
  const chosen = backend.chosen ? '; "auto" takes it' : '';
  const named = backend.class === null ? '' : `\n  class ${backend.class}, ${bits}${chosen}`;
  return `${sign} ${backend.name}: ${backend.why}${named}`;
}

async function runInstall(name: 'tensorflow' | 'tensorflow-gpu', options: InstallOptions) {
  const workspace = openWorkspace(options);
  const { installBackend } = await import('../../operations/backends/install-backend.ts');
  const installed = await installBackend(workspace, name, { force: options.force ?? false });
  printResult(options, installed, renderInstalled(installed));
}

function renderInstalled({ name, folder, changed, bytes, works, ...rest }: InstalledBackend) {
  return [
    `${works}: class ${rest.class}, ${renderBytes(bytes)} in ${folder}${changed ? '' : ', which was there already'}.`,
    `"auto" takes it from now on where it is the first that works; --backend wasm trains to the same bits as before.`,
    `To remove it, delete that folder. "npx mainstem backend check ${name}" tries it again.`,
  ].join('\n');
}

async function runCheck(name: BackendName, options: CommonOptions): Promise<void> {
  const { checkBackend } = await import('../../operations/backends/check-backend.ts');
  const checked = await checkBackend(name);
  const text = `${checked.works}: class ${checked.class}. Verified: ${checked.verified}.`;
  printResult(options, checked, text);
}
