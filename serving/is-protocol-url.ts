/**
 * Whether a URL, or the pattern of a route, belongs to the Open Inference Protocol, which has errors and content types of its
 * own. Explanations stand beside its models but are not part of it: they are asked for and answered as predictions are.
 *
 * @example isProtocolUrl('/v2/models/pumpkins/infer') // true
 */
export function isProtocolUrl(url: string): boolean {
  return (
    /^\/v2(?:[/?]|$)/.test(url) &&
    !/^\/v2\/models\/[^/?]+(?:\/versions\/[^/?]+)?\/explain\/?(?:\?|$)/.test(url)
  );
}
