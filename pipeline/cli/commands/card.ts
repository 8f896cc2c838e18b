import { type Command, Option } from 'commander';
import type { CardFacts } from '../../../platform/cards/index.ts';
import { openWorkspace, printResult } from '../command.ts';
import { findRecord } from '../find-record.ts';

const formats = ['card', 'bom', 'lineage'] as const;

interface CardOptions {
  readonly format: (typeof formats)[number];
}

/** `card`: what a model is, in a format that others read. */
export function registerCard(program: Command): void {
  program
    .command('card <project> [run]')
    .description(
      'a model card, bill of materials or lineage; without a run, of the one that serves',
    )
    .addOption(
      new Option(
        '--format <format>',
        'card (Markdown, Hugging Face), bom (CycloneDX 1.7), lineage (OpenLineage, a line per event)',
      )
        .choices(formats)
        .default('card'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  npx mainstem card pumpkins --format bom > pumpkins.cdx.json',
    )
    .action(runCard);
}

async function runCard(
  name: string,
  run: string | undefined,
  { format }: CardOptions,
): Promise<void> {
  const { root } = openWorkspace();
  const [record, { cardFacts }, { readLock }] = await Promise.all([
    findRecord(root, name, run),
    import('../../../platform/cards/index.ts'),
    import('../../../platform/storage/index.ts'),
  ]);
  const facts = cardFacts(record, await readLock(root));
  printResult({}, null, await render(facts, format));
}

async function render(facts: CardFacts, format: CardOptions['format']): Promise<string> {
  const { buildBillOfMaterials, buildLineage, renderModelCard } = await import(
    '../../../platform/cards/index.ts'
  );
  switch (format) {
    case 'card':
      return renderModelCard(facts).trimEnd();
    case 'bom':
      return JSON.stringify(buildBillOfMaterials(facts), null, 2);
    case 'lineage':
      return buildLineage(facts)
        .map((event) => JSON.stringify(event))
        .join('\n');
  }
}
