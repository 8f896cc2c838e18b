import type { ServingApp } from '../../serving/app.ts';

/** The value of the first series of a server's metrics that begins so; undefined where there is none. */
export async function metricOf({ app }: ServingApp, series: string): Promise<string | undefined> {
  const { body } = await app.inject('/metrics');
  const line = body.split('\n').find((one) => one.startsWith(series));
  return line?.split(' ').at(-1);
}
