/**
 * Reads a JPEG's compressed data to its end without making pixels of it, to tell a picture that is whole from one of which a
 * decoder would invent a part: it has no checksum, and decoders go on with grey or with whatever bits come next.
 *
 * Damage is: data that ends before the last block, a code that is in no table, more than 64 coefficients in a block, a brightness
 * that no pixels have, restart marks that are missing, or no end mark. Bytes between the last block and the end mark are none:
 * some cameras write them.
 *
 * @returns null for what is not Huffman-coded block by block (progressive and arithmetic JPEG), and for other formats
 * @example isWholeJpeg(await readFile('photo.jpg')) // true
 */
export function isWholeJpeg(bytes: Uint8Array): boolean | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const state: State = {
    ...{ tables: new Map(), scales: new Map(), frame: null, interval: 0, segments: 0 },
  };
  const scanned = new Set<number>();
  for (let at = 2; ; ) {
    const marker = findMarker(bytes, at);
    if (!marker) return false;
    if (marker.code === 0xd9) return isComplete(state, scanned);
    at = marker.end;
    if (hasNoLength(marker.code)) continue;
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (length < 2 || at + length > bytes.length) return false;
    const segment = bytes.subarray(at + 2, at + length);
    at += length;
    if (marker.code === 0xda) {
      const components = startScan(state, segment);
      const end = components && readScan(bytes, at, state, components);
      if (end === null) return false;
      for (const { id } of components ?? []) scanned.add(id);
      at = end;
    } else if (!readSegment(state, marker.code, segment)) return null;
  }
}

interface Component {
  readonly id: number;
  readonly across: number;
  readonly down: number;
  readonly scale: number;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
}

interface State {
  readonly tables: Map<number, Int32Array>;
  /** The first number of each quantisation table: what a step of a block's mean is worth. */
  readonly scales: Map<number, number>;
  frame: Frame | null;
  interval: number;
  segments: number;
}

/** Tables take time to build: a picture of one scan has four. */
const mostTableSegments = 64;

const hasNoLength = (code: number) => code === 0x01 || (code >= 0xd0 && code <= 0xd8);

/** The next marker from a position on; bytes before it are skipped, as decoders do. */
function findMarker(bytes: Uint8Array, from: number): { code: number; end: number } | null {
  for (let at = from; at + 1 < bytes.length; at++) {
    const code = bytes[at + 1] ?? 0;
    if (bytes[at] === 0xff && code !== 0 && code !== 0xff) return { code, end: at + 2 };
  }
  return null;
}

function isComplete({ frame }: State, scanned: ReadonlySet<number>): boolean {
  return frame?.components.every(({ id }) => scanned.has(id)) ?? false;
}

/** Takes in what a segment says; false if it makes the picture one that is not read here. */
function readSegment(state: State, code: number, segment: Uint8Array): boolean {
  if (code === 0xdb) readScales(state.scales, segment);
  if (code === 0xc4) {
    state.segments += 1;
    if (state.segments > mostTableSegments) return false;
    readTables(state.tables, segment);
  }
  if (code === 0xdd) state.interval = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0);
  // Arithmetic coding, and a height that comes after the data.
  if (code === 0xcc || code === 0xdc) return false;
  if (code < 0xc0 || code > 0xcf || code === 0xc4) return true;
  state.frame = code > 0xc1 || state.frame ? null : readFrame(segment, state.scales);
  return state.frame !== null;
}

function readScales(scales: Map<number, number>, segment: Uint8Array): void {
  for (let at = 0; at < segment.length; ) {
    const head = segment[at] ?? 0;
    const isWide = head >> 4 !== 0;
    const first = segment[at + 1] ?? 0;
    scales.set(head & 15, isWide ? (first << 8) | (segment[at + 2] ?? 0) : first);
    at += isWide ? 129 : 65;
  }
}

function readFrame(segment: Uint8Array, scales: ReadonlyMap<number, number>): Frame | null {
  const [depth, h1 = 0, h0 = 0, w1 = 0, w0 = 0, count = 0] = segment;
  if (depth !== 8 || count < 1 || count > 4 || segment.length < 6 + 3 * count) return null;
  const components = Array.from({ length: count }, (_, at): Component => {
    const [id = 0, factors = 0, table = 0] = segment.subarray(6 + 3 * at);
    return { id, across: factors >> 4, down: factors & 15, scale: scales.get(table) ?? 1 };
  });
  const [height, width] = [(h1 << 8) | h0, (w1 << 8) | w0];
  const isSound = width > 0 && height > 0 && components.every((one) => one.across && one.down);
  return isSound ? { width, height, components } : null;
}

function readTables(tables: Map<number, Int32Array>, segment: Uint8Array): void {
  for (let at = 0; at + 17 <= segment.length; ) {
    const counts = segment.subarray(at + 1, at + 17);
    const end = at + 17 + counts.reduce((sum, count) => sum + count, 0);
    tables.set(segment[at] ?? 0, tableOf(segment.subarray(at + 1, end)));
    at = end;
  }
}

/** Most files have the tables that the standard shows. */
const knownTables = new Map<string, Int32Array>();
const mostKnown = 32;

function tableOf(definition: Uint8Array): Int32Array {
  const name = Buffer.from(definition).toString('latin1');
  const table = knownTables.get(name) ?? buildTable(definition);
  if (knownTables.size >= mostKnown) knownTables.clear();
  knownTables.set(name, table);
  return table;
}

/** Codes are looked up by their next 16 bits; an entry is `length << 8 | symbol`, 0 where there is no such code. */
function buildTable(definition: Uint8Array): Int32Array {
  const table = new Int32Array(1 << 16);
  let symbol = 16;
  let code = 0;
  for (let length = 1; length <= 16; length++) {
    for (let nth = definition[length - 1] ?? 0; nth > 0; nth--) {
      const from = code << (16 - length);
      table.fill((length << 8) | (definition[symbol++] ?? 0), from, from + (1 << (16 - length)));
      code += 1;
    }
    code <<= 1;
  }
  return table;
}

interface ScannedComponent extends Component {
  readonly dc: Int32Array;
  readonly ac: Int32Array;
}

/** The components of a scan with their tables; null if it names what is not there. */
function startScan({ frame, tables }: State, segment: Uint8Array): ScannedComponent[] | null {
  const [count = 0] = segment;
  const found: ScannedComponent[] = [];
  for (let at = 1; at < 1 + 2 * count; at += 2) {
    const [id, named = 0] = segment.subarray(at);
    const component = frame?.components.find((one) => one.id === id);
    const [dc, ac] = [tables.get(named >> 4), tables.get(16 | (named & 15))];
    if (!component || !dc || !ac) return null;
    found.push({ ...component, dc, ac });
  }
  return found.length > 0 ? found : null;
}

/** Reads a scan to its last block; returns the position after it, null if it is damaged. */
function readScan(
  bytes: Uint8Array,
  from: number,
  { frame, interval }: State,
  components: readonly ScannedComponent[],
): number | null {
  if (!frame) return null;
  const blocks = blocksOf(components);
  const units = countUnits(frame, components);
  const bits = new Bits(bytes, from);
  const means = new Float64Array(components.length);
  for (let unit = 0; unit < units; unit++) {
    if (bits.isStarved()) return null;
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      if (!bits.restart((unit / interval - 1) % 8)) return null;
      means.fill(0);
    }
    for (const place of blocks) {
      const component = components[place];
      if (!component) return null;
      const step = readBlock(bits, component);
      if (step === null) return null;
      const mean = (means[place] ?? 0) + step;
      means[place] = mean;
      if (Math.abs(mean) * component.scale > mostMean + component.scale) return null;
    }
  }
  return bits.isStarved() ? null : bits.position();
}

/** Eight times 128: the mean of a block of white or black pixels. */
const mostMean = 1024;

/** The components of a unit's blocks in their order. */
function blocksOf(components: readonly ScannedComponent[]): number[] {
  if (components.length === 1) return [0];
  return components.flatMap(({ across, down }, place) =>
    Array.from({ length: across * down }, () => place),
  );
}

function countUnits(frame: Frame, components: readonly Component[]): number {
  const [first] = components;
  const across = Math.max(...frame.components.map((one) => one.across));
  const down = Math.max(...frame.components.map((one) => one.down));
  const isAlone = components.length === 1;
  const width = isAlone ? Math.ceil((frame.width * (first?.across ?? 1)) / across) : frame.width;
  const height = isAlone ? Math.ceil((frame.height * (first?.down ?? 1)) / down) : frame.height;
  const [unitWidth, unitHeight] = isAlone ? [8, 8] : [8 * across, 8 * down];
  return Math.ceil(width / unitWidth) * Math.ceil(height / unitHeight);
}

/** Reads a block; returns by how much its mean differs from that of the block before, null if it is damaged. */
function readBlock(bits: Bits, { dc, ac }: ScannedComponent): number | null {
  const first = dc[bits.peek()] ?? 0;
  const size = first & 255;
  if (first === 0 || size > 11) return null;
  bits.skip(first >> 8);
  const step = bits.take(size);
  for (let place = 1; place < 64; ) {
    const entry = ac[bits.peek()] ?? 0;
    if (entry === 0) return null;
    bits.skip(entry >> 8);
    const [run, length] = [(entry >> 4) & 15, entry & 15];
    if (length === 0 && run < 15) break;
    place += run;
    if (place > 63) return null;
    bits.skip(length);
    place += 1;
  }
  return size > 0 && step < 1 << (size - 1) ? step - (1 << size) + 1 : step;
}

/** Compressed data bit by bit. After its end it gives zeros, and is starved once they are used. */
class Bits {
  readonly #bytes: Uint8Array;
  #at: number;
  #held = 0;
  #count = 0;
  /** Bits of the held ones that were not in the file. */
  #invented = 0;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.#at = from;
  }

  /** The next 16 bits. */
  peek(): number {
    if (this.#count < 16) this.#fill();
    return (this.#held >>> (this.#count - 16)) & 0xffff;
  }

  skip(count: number): void {
    if (this.#count < count) this.#fill();
    this.#count -= count;
  }

  take(count: number): number {
    if (this.#count < count) this.#fill();
    this.#count -= count;
    return (this.#held >>> this.#count) & ((1 << count) - 1);
  }

  isStarved(): boolean {
    return this.#invented > this.#count;
  }

  /** Where the first byte is that no bit was taken of. */
  position(): number {
    let whole = Math.max(0, this.#count - this.#invented) >> 3;
    let at = this.#at;
    for (; whole > 0; whole--)
      at -= this.#bytes[at - 1] === 0 && this.#bytes[at - 2] === 0xff ? 2 : 1;
    return at;
  }

  /** Goes on after a restart mark; false if it is not there. */
  restart(number: number): boolean {
    if (this.isStarved()) return false;
    let at = this.position();
    while (this.#bytes[at] === 0xff && this.#bytes[at + 1] === 0xff) at++;
    if (this.#bytes[at] !== 0xff || this.#bytes[at + 1] !== 0xd0 + number) return false;
    this.#at = at + 2;
    this.#held = 0;
    this.#count = 0;
    this.#invented = 0;
    return true;
  }

  #fill(): void {
    while (this.#count <= 16) {
      const byte = this.#bytes[this.#at];
      const isData = byte !== undefined && (byte !== 0xff || this.#bytes[this.#at + 1] === 0);
      this.#held = (this.#held << 8) | (isData ? byte : 0);
      this.#count += 8;
      if (isData) this.#at += byte === 0xff ? 2 : 1;
      else this.#invented += 8;
    }
  }
}
