/** The part of libheif-js that is used; its own types describe the layer below. */
declare module 'libheif-js/wasm-bundle.js' {
  export interface Pixels {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;
  }
  export interface HeifImage {
    get_width(): number;
    get_height(): number;
    /** Fills RGBA and passes it on; null where it cannot be decoded. */
    display(into: Pixels, done: (filled: Pixels | null) => void): void;
    free(): void;
  }
  interface HeifDecoder {
    /** The pictures in a file, the main one first; empty where it cannot be read. */
    decode(bytes: Uint8Array): HeifImage[];
  }
  const libheif: { readonly HeifDecoder: new () => HeifDecoder };
  export default libheif;
}
