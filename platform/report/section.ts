/** A colour. Something bad is never shown only by colour: the words say it too. */
export type Tone = 'plain' | 'good' | 'bad';

/** A piece of text that renderers escape. */
export interface ReportCell {
  readonly text: string;
  readonly tone?: Tone;
  /** A name, a path, a digest or a value rather than words. */
  readonly code?: boolean;
}

/** A table; the columns named by `numeric` are aligned right. */
export interface Table {
  readonly kind: 'table';
  readonly head: readonly string[];
  readonly rows: readonly (readonly (ReportCell | string)[])[];
  readonly numeric: readonly number[];
}

/** Lines over the steps of training. */
export interface Chart {
  readonly kind: 'chart';
  readonly title: string;
  /** What a step is called. */
  readonly step: 'epoch' | 'round';
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
