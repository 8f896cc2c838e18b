/** Rows of pixels, red, green and blue one after another. */
export interface DrawnText {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Pixels of a line of text at scale 1. */
export const lineHeight = 9;
const advance = 6;
const [paper, ink] = [
  [0xfa, 0xfa, 0xf7],
  [0x20, 0x20, 0x20],
] as const;

/**
 * Five columns a letter, each seven bits (eight with a tail), the lowest bit at the top. A font of our own,
 * because fonts of the machine would differ from machine to machine.
 */
const letters: Readonly<Record<string, string>> = {
  '0': '3e5149453e',
  '1': '00427f4000',
  '2': '7249494946',
  '3': '2141494d33',
  '4': '1814127f10',
  '5': '2745454539',
  '6': '3c4a494931',
  '7': '4121110907',
  '8': '3649494936',
  '9': '464949291e',
  a: '2054547840',
  b: '7f28444438',
  c: '3844444428',
  d: '384444287f',
  e: '3854545418',
  f: '00087e0902',
  g: '18a4a49c78',
  h: '7f08040478',
  i: '00447d4000',
  j: '2040403d00',
  k: '7f10284400',
  l: '00417f4000',
  m: '7c04780478',
  n: '7c08040478',
  o: '3844444438',
  p: 'fc18242418',
  q: '18242418fc',
  r: '7c08040408',
  s: '4854545424',
  t: '04043f4424',
  u: '3c4040207c',
  v: '1c2040201c',
  w: '3c4030403c',
  x: '4428102844',
  y: '4c9090907c',
  z: '4464544c44',
  ' ': '0000000000',
  '-': '0808080808',
  _: '4040404040',
  '.': '0000606000',
  ':': '0000140000',
  '(': '001c224100',
  ')': '0041221c00',
};
const unknown = '7f4141417f';

/** Draws a line of text. Capitals become small; a letter outside the font becomes a box. @param scale pixels a dot */
export function drawText(text: string, scale: number): DrawnText {
  const width = Math.max(1, text.length) * advance * scale;
  const height = lineHeight * scale;
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const inked = dotAt(text, Math.floor(column / scale), Math.floor(row / scale));
      pixels.set(inked ? ink : paper, (row * width + column) * 3);
    }
  }
  return { width, height, pixels };
}

function dotAt(text: string, column: number, row: number): boolean {
  const inLetter = column % advance;
  if (inLetter >= 5) return false;
  const letter = text[Math.floor(column / advance)]?.toLowerCase() ?? ' ';
  const bits = Number.parseInt(
    (letters[letter] ?? unknown).slice(inLetter * 2, inLetter * 2 + 2),
    16,
  );
  return ((bits >> row) & 1) === 1;
}
