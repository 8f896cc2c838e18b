import { provideFile } from './node/fs.ts';

/** The WebAssembly that photos need: our kernels and the JPEG decoder, under the names by which their loaders ask. */
const decoders = ['kernels.wasm', 'jpeg-turbo.wasm'] as const;

/** Fetches what decoding photos needs, from beside the bundle. */
export async function openDecoders(): Promise<void> {
  await Promise.all(decoders.map(async (name) => provideFile(name, await fetchBytes(name))));
}

/** Fetches a file of the page. @throws Error if it cannot */
export async function fetchBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name} cannot be loaded (${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
}
