import { renderNumber } from '../../../platform/lib/render-number.ts';
import { showName } from '../../../platform/lib/text.ts';
import type { DriftState, PropertyDrift } from '../../compare-with-profile.ts';

/** What a verdict is called. */
export const verdicts: Readonly<Record<DriftState, string>> = {
  ...{ ok: 'as the reference', drift: 'DRIFT', insufficient: 'too few to say' },
};

/** One line for each property, the one that differs most from what chance explains first. */
export function renderProperties(properties: readonly PropertyDrift[]): string[] {
  const ordered = properties.toSorted((a, b) => b.index / b.noise - a.index / a.noise);
  const width = Math.max(...properties.map((one) => showName(one.property).length), 8);
  return ordered.map((one) => renderProperty(one, width));
}

function renderProperty(one: PropertyDrift, width: number): string {
  const missing = one.missing > 0 ? `, missing in ${one.missing}` : '';
  const numbers = `index ${renderNumber(one.index)}, noise up to ${renderNumber(one.noise)}`;
  return `  ${showName(one.property).padEnd(width)}  ${verdicts[one.state].padEnd(16)}  ${numbers}${missing}`;
}
