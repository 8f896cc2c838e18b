import type { ModelPointer } from '../schemas/index.ts';
import { describeTraffic } from './describe-traffic.ts';
import { isTrial } from './paths.ts';
import type { Promotion } from './promotion.ts';

/** The message of a promotion commit: what it replaces, its metrics, its gates, and what was found on what is held back. */
export function renderPromotionMessage(
  { candidate, channel, heldBack: looker }: Promotion,
  champion: ModelPointer | null,
  pointer: ModelPointer,
): string {
  const { gates, heldBack } = pointer;
  const target = channel === 'production' ? '' : ` to ${channel}`;
  const replaces = isTrial(channel)
    ? `${describeTraffic(channel, pointer.traffic)}, beside ${champion?.run ?? 'nothing'}.`
    : `Replaces ${champion?.run ?? 'nothing'}.`;
  const metrics = candidate.evaluation.metrics
    .map((metric) => `  ${metric.name} ${metric.value.toPrecision(4)}`)
    .join('\n');
  return [
    `Promote ${candidate.model} ${candidate.run}${target}`,
    `${replaces} Metrics on the test split:\n${metrics}`,
    `Gates:\n${gates.map((gate) => `  ${gate.message}`).join('\n') || '  none'}`,
    ...(looker && heldBack ? [looker.describe(heldBack)] : []),
  ].join('\n\n');
}
