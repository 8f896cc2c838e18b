import { buildBillOfMaterials } from './bill-of-materials.ts';
import type { CardFacts } from './facts.ts';
import { buildLineage } from './lineage.ts';
import { renderModelCard } from './model-card.ts';

/** What can be rendered of a model. */
const formats = ['card', 'bom', 'lineage'] as const;
export type CardFormat = (typeof formats)[number];

/** What the file of each format is called beside a report. */
const fileNames: Readonly<Record<CardFormat, string>> = {
  card: 'card.md',
  bom: 'bom.cdx.json',
  lineage: 'lineage.jsonl',
};

/** A model's card (Markdown), bill of materials (CycloneDX) or lineage (OpenLineage, a line per event), ending in a line end. */
export function renderCard(facts: CardFacts, format: CardFormat): string {
  switch (format) {
    case 'card':
      return `${renderModelCard(facts).trimEnd()}\n`;
    case 'bom':
      return `${JSON.stringify(buildBillOfMaterials(facts), null, 2)}\n`;
    case 'lineage':
      return buildLineage(facts)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join('');
  }
}

/** All cards of a model, by the name of their file. */
export function renderCards(facts: CardFacts): Readonly<Record<string, string>> {
  return Object.fromEntries(
    formats.map((format) => [fileNames[format], renderCard(facts, format)]),
  );
}
