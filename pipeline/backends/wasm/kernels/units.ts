/** Values in one unit of a kernel that goes value by value, as in assembly/vector.ts. */
export const unitValues = 1024;

/**
 * What reading and writing one value costs beside a multiply-add of a convolution, which has its values in registers. Only
 * whether threads are worth it depends on these.
 */
export const costs = { pass: 12, sum: 6, adam: 30, pool: 24 } as const;

/** Units of a kernel of which each does sixteen columns. */
export function columnUnits(columns: number): number {
  return Math.ceil(columns / 16);
}

/** Units of a kernel of which each does four channels. */
export function channelUnits(channels: number): number {
  return Math.ceil(channels / 4);
}

/** Output channels of the largest tiles of a filter's gradient. */
export function panelWidth({ joined }: { readonly joined: boolean }): number {
  return joined ? 16 : 8;
}

/** Tiles of one row of a filter's gradient, as in assembly/conv.ts: of up to five inputs by `width` channels. */
export function tileUnits(inputs: number, outChannels: number, width: number): number {
  return (inputs < 3 ? inputs : Math.ceil(inputs / 5)) * Math.ceil(outChannels / width);
}

/** The lower bound of an activation, or null if it is not a bound. */
export function leastOf(activation: string | undefined): number | null {
  if (activation === 'relu') return 0;
  return activation === undefined || activation === 'linear' ? -Infinity : null;
}
