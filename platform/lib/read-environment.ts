/**
 * The settings that environment variables give; an empty variable gives none.
 *
 * @param variables setting → environment variable
 * @example readEnvironment({ port: 'PORT', host: 'HOST' }, { PORT: '80', HOST: '' }) // { port: '80' }
 */
export function readEnvironment(
  variables: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  const set = Object.entries(variables).flatMap(([setting, variable]) => {
    const value = environment[variable];
    return value ? [[setting, value] as const] : [];
  });
  return Object.fromEntries(set);
}
