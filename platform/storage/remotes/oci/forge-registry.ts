/**
 * Host of the container registry that belongs to the forge: MAINSTEM_REGISTRY where it is set, else what GitHub documents
 * for the server that a job names. Undefined for an enterprise server, which has one only if its owner switched it on.
 *
 * @example forgeRegistry({ GITHUB_SERVER_URL: 'https://farm.ghe.com' })
 * // 'containers.farm.ghe.com'
 */
export function forgeRegistry(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { MAINSTEM_REGISTRY, GITHUB_SERVER_URL } = environment;
  if (MAINSTEM_REGISTRY) return MAINSTEM_REGISTRY;
  if (!GITHUB_SERVER_URL || GITHUB_SERVER_URL === 'https://github.com') return 'ghcr.io';
  const tenant = /^https:\/\/([\w-]+\.ghe\.com)$/.exec(GITHUB_SERVER_URL)?.[1];
  return tenant && `containers.${tenant}`;
}
