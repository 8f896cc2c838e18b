import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { renderNumber } from '../../../platform/lib/render-number.ts';
import { showName } from '../../../platform/lib/text.ts';
import type { PropertyDrift } from '../../compare-with-profile.ts';
import type { DriftReport } from '../../operations/drift/drift.ts';
import type { DriftSource } from '../../operations/drift/inputs.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseText } from '../options.ts';
import { readLockAt } from '../projects.ts';

interface DriftOptions extends CommonOptions {
  readonly from?: string;
  readonly feedback?: string | true;
  readonly rev?: string;
}

/** `drift`: whether inputs still look like what the promoted model was measured on. */
export function registerDrift(program: Command): void {
  const from = new Option('--from <path>', 'compare a folder of photos, or a table').argParser(
    parseText,
  );
  const feedback = new Option(
    '--feedback [folder]',
    'compare what people corrected (default: .mainstem/feedback)',
  ).argParser(parseText);
  const rev = new Option(
    '--rev <revision>',
    'compare the data that is locked at a git revision',
  ).argParser(parseText);
  program
    .command('drift <project>')
    .description('compare inputs with the reference data of the model that production names')
    .addOption(from.conflicts(['feedback', 'rev']))
    .addOption(feedback.conflicts(['from', 'rev']))
    .addOption(rev.conflicts(['from', 'feedback']))
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nWithout an option the locked data is compared. Numbers and limits are those of the alerts (monitoring/objectives.ts).\n' +
        'Examples:\n  npx mainstem drift pumpkins --from photos/new\n  npx mainstem drift penguins --rev v1\n' +
        'Exit code 1: a property drifts. 0: none does, or there are too few inputs to say ("state" of --json: ok, insufficient).',
    )
    .action(runDrift);
}

async function runDrift(name: string, options: DriftOptions): Promise<void> {
  const [{ openContext }, { measureDrift }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/drift/drift.ts'),
  ]);
  const workspace = openWorkspace(options);
  const context = await openContext(workspace, name);
  const { rev } = options;
  const lock = rev === undefined ? context.lock : await readLockAt(workspace.root, rev);
  const report = await measureDrift({ ...context, lock }, sourceOf(options, workspace.root));
  printResult(options, report, renderDrift(report));
  if (report.state === 'drift') process.exitCode = 1;
}

function sourceOf({ from, feedback }: DriftOptions, root: string): DriftSource {
  if (from !== undefined) return { kind: 'files', path: resolve(from) };
  if (feedback === undefined) return { kind: 'locked' };
  const path = feedback === true ? resolve(root, '.mainstem/feedback') : resolve(feedback);
  return { kind: 'feedback', path };
}

const verdicts = { ok: 'as the reference', drift: 'DRIFT', insufficient: 'too few to say' };

function renderDrift({ project, run, state, properties, ...report }: DriftReport): string {
  const { inputs, unreadable, tooManyUnreadable, fewestInputs } = report;
  const said = {
    ok: 'No property drifts.',
    drift: `${properties.filter((one) => one.state === 'drift').length} of ${properties.length} properties drift.`,
    insufficient: `A verdict needs ${fewestInputs} inputs.`,
  };
  const tooMany = tooManyUnreadable ? ', more than may be' : '';
  const left = unreadable > 0 ? ` (${unreadable} cannot be read${tooMany})` : '';
  const head = `${inputs} inputs${left} against the reference data of ${project} ${run}. ${said[state]}`;
  const ordered = properties.toSorted((a, b) => b.index / b.noise - a.index / a.noise);
  const width = Math.max(...properties.map((one) => showName(one.property).length), 8);
  const lines = report.unfinished.map(
    (place) => `Left out, because it was never finished: ${place}`,
  );
  return [head, ...ordered.map((one) => renderProperty(one, width)), ...lines].join('\n');
}

function renderProperty(one: PropertyDrift, width: number): string {
  const missing = one.missing > 0 ? `, missing in ${one.missing}` : '';
  const numbers = `index ${renderNumber(one.index)}, noise up to ${renderNumber(one.noise)}`;
  return `  ${showName(one.property).padEnd(width)}  ${verdicts[one.state].padEnd(16)}  ${numbers}${missing}`;
}
