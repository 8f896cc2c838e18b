import type { Command } from 'commander';
import type { Diagnosis } from '../../operations/doctor.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

interface DoctorOptions extends CommonOptions {
  readonly github?: boolean;
}

/** `doctor`: what no file can say, and how to fix it. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check what files cannot say: this machine, the remote, and GitHub’s settings')
    .option('--github', 'also the settings of the repository on GitHub, read with your token')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem doctor --github')
    .action(runDoctor);
}

async function runDoctor(options: DoctorOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const [{ diagnose }, { diagnoseGitHub }] = await Promise.all([
    import('../../operations/doctor.ts'),
    import('../../operations/doctor-github.ts'),
  ]);
  const found = await diagnose(workspace);
  if (options.github) found.push(...(await diagnoseGitHub(workspace.root, process.env)));
  printResult(options, found, found.map(renderDiagnosis).join('\n'));
  if (found.some(({ state }) => state === 'failure')) process.exitCode = 1;
}

const signs = { ok: '✓', warning: '!', failure: '✗', unknown: '?' } as const;

function renderDiagnosis({ check, state, message, fix }: Diagnosis): string {
  const line = `${signs[state]} ${check}: ${message}`;
  return fix === '' ? line : `${line}\n  ${fix}`;
}
