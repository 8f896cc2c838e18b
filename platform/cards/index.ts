export { buildBillOfMaterials } from './bill-of-materials.ts';
export { type CardFacts, cardFacts } from './facts.ts';
export { buildLineage } from './lineage.ts';
export { renderModelCard } from './model-card.ts';
