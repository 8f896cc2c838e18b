import { createRandom, type Random } from '../../platform/lib/random.ts';

/** A row as the table has it. */
export type TableRow = Readonly<Record<string, string>>;

/** A bird that comes by, and what it is. */
export interface Bird {
  readonly species: string;
  readonly isNew: boolean;
  readonly row: Readonly<Record<string, number | string | null>>;
}

/** Draws birds like those of the table, of a new colony, and things that are no birds of ours. */
export interface Birds {
  /** @param share of birds of the new colony */
  draw(share: number): Bird;
  drawStranger(): Bird['row'];
}

const numbers = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g'] as const;
/** Adélies of the new colony are larger all over, with the long bill of a chinstrap. */
const larger = { bill_length_mm: 8, bill_depth_mm: 0.4, flipper_length_mm: 16, body_mass_g: 900 };
/** Ostriches, roughly. */
const strange = {
  ...{ bill_length_mm: 140, bill_depth_mm: 55, flipper_length_mm: 610, body_mass_g: 104_000 },
};

/** Opens a source of birds that is the same every time. @param rows of the table */
export function openBirds(rows: readonly TableRow[]): Birds {
  const random = createRandom('a season of birds');
  const known = rows.filter((row) => numbers.every((name) => isMeasured(row[name])));
  const adelies = known.filter(({ species }) => species === 'Adelie');
  return {
    draw(share) {
      const isNew = random.next() < share;
      const from = pick(random, isNew ? adelies : known);
      const shift = isNew ? larger : {};
      return { species: from.species ?? '', isNew, row: measure(from, shift, random) };
    },
    drawStranger: () => measure({ ...pick(random, known), ...textOf(strange) }, {}, random),
  };
}

function isMeasured(cell = ''): boolean {
  return cell !== '' && Number.isFinite(Number(cell));
}

function pick(random: Random, rows: readonly TableRow[]): TableRow {
  return rows[Math.floor(random.next() * rows.length)] ?? {};
}

function textOf(values: Readonly<Record<string, number>>): TableRow {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/** Nobody measures twice alike: about one percent more or less. */
function measure(
  row: TableRow,
  shift: Readonly<Record<string, number>>,
  random: Random,
): Bird['row'] {
  const measured = numbers.map((name) => {
    const value = (Number(row[name]) + (shift[name] ?? 0)) * (0.99 + random.next() / 50);
    const isFine = name.startsWith('bill');
    return [name, isFine ? Math.round(value * 10) / 10 : Math.round(value)] as const;
  });
  return { ...Object.fromEntries(measured), sex: row.sex || null };
}
