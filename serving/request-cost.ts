import type { ServedModel } from './inference/models.ts';
import { coverCount } from './inference/occlusion.ts';

/**
 * As how many requests one counts, in the queue and for the rate of its sender: the explanation of a photo computes many
 * images. Those of rows are computed as fast as a request of several rows is.
 *
 * @param model that answers it @param url of the route, as it was added
 */
export function requestCost(model: ServedModel | undefined, url: string): number {
  if (!url.endsWith('/explain')) return 1;
  return model?.record.preprocessing.kind === 'image' ? coverCount + 1 : 1;
}
