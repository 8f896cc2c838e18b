/** Labels that a series must have, among others and in any order. */
type Labels = Readonly<Record<string, string>>;

interface Exposing {
  readonly app: { inject(path: string): Promise<{ readonly body: string }> };
}

/** What {@link valueIn} finds in what a server exposes now. */
export async function metricOf(
  { app }: Exposing,
  name: string,
  labels?: Labels,
): Promise<number | undefined> {
  return valueIn((await app.inject('/metrics')).body, name, labels);
}

/**
 * The value of a metric in Prometheus's text format: the sum of its series with these labels.
 *
 * @returns undefined where there is no such series, so that a mistyped name or label never passes for zero
 */
export function valueIn(exposition: string, name: string, labels: Labels = {}): number | undefined {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const values = exposition.split('\n').flatMap((line) => {
    const [, series, found = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const has = (pair: string) => `,${found},`.includes(`,${pair},`);
    return series === name && wanted.every(has) ? [Number(value)] : [];
  });
  return values.length === 0 ? undefined : values.reduce((sum, one) => sum + one, 0);
}
