import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { MainstemError } from '../../../platform/lib/errors.ts';
import type { IngestReport } from '../../operations/ingest/ingest-feedback.ts';
import { assertOwnOutput } from '../assert-output.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePath } from '../options.ts';

interface IngestCommandOptions extends CommonOptions {
  readonly feedback?: string;
  readonly sheet?: string;
}

/** `ingest-feedback <project>`: adds what people labelled to a project's data, and writes a review sheet. */
export function registerIngestFeedback(program: Command): void {
  program
    .command('ingest-feedback')
    .description("add what people labelled to a project's data, and write a page to review it")
    .argument('<project>', 'folder in pipeline/projects')
    .option('--feedback <folder>', "the server's feedback (default: .mainstem/feedback)", parsePath)
    .option(
      '--sheet <file>',
      'where the page goes (default: .mainstem/ingest/<project>.html)',
      parsePath,
    )
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nNothing is guessed: what has two labels, or another label in the data, stands on the page only.\n' +
        'The policy of the project (retraining: window, replay) says how old, and how many.\n' +
        'Example:\n  npx mainstem ingest-feedback pumpkins',
    )
    .action(runIngestFeedback);
}

async function runIngestFeedback(name: string, options: IngestCommandOptions): Promise<void> {
  const [{ ingestFeedback }, { openContext }] = await Promise.all([
    import('../../operations/ingest/ingest-feedback.ts'),
    import('../../context.ts'),
  ]);
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const sheet = resolve(options.sheet ?? resolve(root, '.mainstem/ingest', `${name}.html`));
  if (options.sheet !== undefined) {
    await assertOwnOutput(root, sheet, (content) =>
      content.includes('<h1>Feedback for ') ? null : 'it is there already, and is not such a page',
    );
  }
  const context = await openContext(workspace, name);
  const feedback = resolve(options.feedback ?? resolve(root, '.mainstem/feedback'));
  // Nobody may have corrected anything yet; a folder that was named is a slip where it is not there.
  if (options.feedback !== undefined && !existsSync(feedback))
    throw new MainstemError('FEEDBACK_MISSING', { folder: feedback, project: name });
  const report = await ingestFeedback(context, { feedback, sheet, now: Date.now() });
  // What it loads is more than the command line needs to name its commands.
  const { describeIngest } = await import('../../operations/ingest/describe-ingest.ts');
  const { features } = context.project.definition;
  const next = features ? `features join ${name}` : `lock ${name}`;
  printResult(options, report, renderIngest(report, { told: describeIngest(report), next }));
}

function renderIngest(
  report: IngestReport,
  { told, next }: { readonly told: readonly string[]; readonly next: string },
): string {
  const isEmpty = Object.keys(report.added).length === 0;
  return [
    ...told,
    `To review: ${relative(process.cwd(), report.sheet)}`,
    ...(isEmpty ? [] : [`Next: npx mainstem ${next}`]),
  ].join('\n');
}
