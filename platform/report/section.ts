import type { Digest } from '../lib/hash.ts';

/** A colour. Something bad is never shown only by colour: the words say it too. */
export type Tone = 'plain' | 'good' | 'bad';

/** A piece of text that renderers escape. */
export interface ReportCell {
  readonly text: string;
  readonly tone?: Tone;
  /** A name, a path, a digest or a value rather than words. */
  readonly code?: boolean;
}

/** A value with its 95 % interval, where it has one. */
export interface Measured {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** What a table shows, as a drawing for renderers that draw. */
export type Drawing =
  | {
      /** One line for each name, with a dot for each series. */
      readonly kind: 'intervals';
      readonly title: string;
      readonly unit: 'share' | 'points' | 'number';
      readonly names: readonly string[];
      readonly series: readonly {
        readonly name: string;
        readonly points: readonly (Measured | null)[];
      }[];
    }
  | {
      /** Claimed against found: perfect points lie on the diagonal. */
      readonly kind: 'reliability';
      readonly title: string;
      readonly points: readonly (Measured & { readonly at: number; readonly count: number })[];
    }
  | {
      /** One line for each trial of a sweep, through an axis for each parameter and each objective. */
      readonly kind: 'parallel';
      readonly title: string;
      readonly axes: readonly {
        readonly name: string;
        readonly low: string;
        readonly high: string;
      }[];
      readonly lines: readonly {
        readonly name: string;
        readonly role: 'best' | 'today' | 'other';
        /** 1 for the best, 0 for the last. */
        readonly strength: number;
        /** On each axis, 0 to 1; null where there is nothing. */
        readonly positions: readonly (number | null)[];
        readonly texts: readonly string[];
      }[];
    };

/** A table; the columns named by `numeric` are aligned right. */
export interface Table {
  readonly kind: 'table';
  readonly head: readonly string[];
  readonly rows: readonly (readonly (ReportCell | string)[])[];
  readonly numeric: readonly number[];
  readonly drawing?: Drawing;
  /** How dark each row's cells are, 0 to 1, for renderers that shade; null for a cell that is not shaded. */
  readonly shades?: readonly (readonly (number | null)[])[];
  /** For each row the digest of the photo that it is about, for renderers that show photos. */
  readonly photos?: readonly Digest[];
  /** For each row a few words, where its photo is shown small among many, with no more than these. */
  readonly sheet?: readonly string[];
  /** For each row smaller photos that are shown below its own, with a few words each. */
  readonly near?: readonly (readonly NearPhoto[])[];
}

/** A photo beside the one that a row is about. */
export interface NearPhoto {
  readonly photo: Digest;
  readonly text: string;
}

/** Lines over the steps of training, or over the trials of a sweep. */
export interface Chart {
  readonly kind: 'chart';
  readonly title: string;
  /** What a step is called. */
  readonly step: 'epoch' | 'round' | 'trial';
  readonly from: number;
  readonly to: number;
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

export interface Text {
  readonly kind: 'text';
  readonly text: string;
}

/** A command to type. */
export interface Command {
  readonly kind: 'command';
  readonly text: string;
}

export type Block = Table | Chart | Text | Command;

/** A part of the report, the same for every renderer. */
export interface ReportSection {
  readonly title: string;
  /** Shown closed where that is possible. */
  readonly folded: boolean;
  readonly blocks: readonly Block[];
}
