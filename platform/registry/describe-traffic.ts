import type { Traffic } from '../schemas/index.ts';
import type { TrialChannel } from './paths.ts';

/**
 * Says which requests go to a version that is tried.
 *
 * @example describeTraffic('canary', { share: 0.1 }) // 'Answers 10 % of the requests'
 */
export function describeTraffic(channel: TrialChannel, traffic: Traffic | undefined): string {
  const does = channel === 'canary' ? 'Answers' : 'Computes unseen';
  if (!traffic) return `${does} no requests`;
  const { share, key, header } = traffic;
  const percent = `${Number((share * 100).toPrecision(6))} %`;
  const part = `${percent} of the requests${key ? ` that have ${key}, by its value` : ''}`;
  const always = header ? `those with ${header.name}: ${header.value}` : '';
  if (share === 0) return `${does} ${always || 'no requests'}`;
  return `${does} ${part}${always ? `, and ${always}` : ''}`;
}
