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
  const { root, reporter } = openWorkspace();
  const [record, cards, storage, { readPointer }, { intervalsOf }] = await Promise.all([
    findRecord(root, name, run),
    import('../../../platform/cards/index.ts'),
    import('../../../platform/storage/index.ts'),
    import('../../../platform/registry/index.ts'),
    import('../../operations/intervals-of.ts'),
  ]);
  const pointer = await readPointer(root, name);
  const heldBack = pointer?.run === record.run ? pointer.heldBack : undefined;
  const intervals = await intervalsOf(storage.openStore(root), record);
  if (intervals === null && format !== 'lineage') {
    reporter.warn(
      `The store lacks the answers of ${record.run}, so there are no intervals; "npx mainstem pull" fetches them.`,
    );
  }
  const lock = await storage.readLock(root);
  const facts = cards.cardFacts(record, lock, { heldBack, intervals: intervals ?? [] });
  printResult({}, null, cards.renderCard(facts, format).trimEnd());
}
