import type { Command } from 'commander';
import type { Score, ScoredTest } from '../../operations/score/score.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

/** `score`: the ML Test Score, computed from evidence. */
export function registerScore(program: Command): void {
  program
    .command('score <project>')
    .description(
      'the 28 tests of the ML Test Score, each with its evidence or how to get the point',
    )
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nA test that is done by hand and written down in pipeline/projects/<project>/ml-test-score.json has half a point:\n' +
        '  { "model-3": { "date": "2026-11-26", "result": "Tried 12 learning rates, see docs/tuning.md" } }\n' +
        '\nExample:\n  npx mainstem score pumpkins',
    )
    .action(runScore);
}

async function runScore(name: string, options: CommonOptions): Promise<void> {
  const [{ openContext }, { score, meaningOf }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/score/score.ts'),
  ]);
  const found = await score(await openContext(openWorkspace(options), name));
  printResult(options, found, renderScore(found, name, meaningOf(found.score)));
}

function renderScore({ tests, sections, score }: Score, name: string, meaning: string): string {
  const parts = Object.entries(sections).map(([section, sum]) => {
    const own = tests.filter((one) => one.section === section);
    return [`${section}: ${sum} of ${own.length}`, ...own.map(renderTest)].join('\n');
  });
  const last = `ML Test Score: ${score} (the lowest section): ${meaning}.`;
  const file = `pipeline/projects/${name}/ml-test-score.json`;
  const byHand = `What is done by hand has half a point once it is written down in ${file}; docs/reports.md shows how.`;
  return [...parts, byHand, last].join('\n\n');
}

const marks = { 0: '·', 0.5: '◐', 1: '●' } as const;

function renderTest({ id, title, points, evidence, todo }: ScoredTest): string {
  return `  ${marks[points]} ${id}  ${title}\n      ${evidence ?? `To do: ${todo}`}`;
}
