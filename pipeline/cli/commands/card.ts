import { type Command, Option } from 'commander';
import type { CardFormat } from '../../../platform/cards/index.ts';
import { openWorkspace, printResult } from '../command.ts';
import { findRecord } from '../find-record.ts';

const formats: readonly CardFormat[] = ['card', 'bom', 'lineage'];

interface CardOptions {
  readonly format: CardFormat;
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
  const [record, { cardFacts, renderCard }, { readLock }, { readPointer }] = await Promise.all([
    findRecord(root, name, run),
    import('../../../platform/cards/index.ts'),
    import('../../../platform/storage/index.ts'),
    import('../../../platform/registry/index.ts'),
  ]);
  const pointer = await readPointer(root, name);
  const heldBack = pointer?.run === record.run ? pointer.heldBack : undefined;
  const facts = cardFacts(record, await readLock(root), { heldBack });
  printResult({}, null, renderCard(facts, format).trimEnd());
}
