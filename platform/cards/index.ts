export { buildBillOfMaterials } from './bill-of-materials.ts';
export { type CardFacts, cardFacts } from './facts.ts';
export { buildLineage } from './lineage.ts';
export { renderModelCard } from './model-card.ts';
export { type CardFormat, renderCard, renderCards } from './render-card.ts';
export { writeCards } from './write-cards.ts';
