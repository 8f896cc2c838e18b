import type { SharpConstructor } from 'sharp';

let loading: Promise<SharpConstructor> | null = null;

/**
 * Loads libvips, when the first picture needs it: that takes longer than decoding many photos that do not. One thread per
 * picture and no cache: the same bytes give the same pixels, and several pictures in flight use the cores better than
 * several threads on one.
 */
export function loadSharp(): Promise<SharpConstructor> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SharpConstructor> {
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}
