import { alertmanagerFound, prometheusFound } from '../helpers/prometheus.ts';
import { registryServer } from './github/registry.ts';
import type { StoryDefinition } from './stories/definition.ts';

/** What a story wants and this machine lacks, in words; null if it can be played. */
export function findMissing(
  { registry, watched }: Pick<StoryDefinition, 'registry' | 'watched'>,
  here: Here = found,
): string | null {
  if (registry && !here.registry) return 'a registry';
  if (watched && !here.watching) return 'Prometheus or Alertmanager';
  return null;
}

/** What `npm run test:setup` may have installed. */
interface Here {
  readonly registry: boolean;
  readonly watching: boolean;
}

const found: Here = {
  registry: registryServer !== undefined,
  watching: prometheusFound && alertmanagerFound,
};
