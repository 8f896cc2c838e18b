import type { LabelFile } from './label-file.ts';

/** One photo as a file of labels names it. */
export interface LabelledPhoto {
  /** Its path, name or address, as it is written there. */
  readonly reference: string;
  /** Without doubles; empty where nobody has labelled it. */
  readonly labels: readonly string[];
  /** What else is said about it. */
  readonly columns: Readonly<Record<string, string>>;
}

/** What reading a file of labels needs to know. */
export interface LabelContext {
  /** The column or question that holds the label, where a person has named it. */
  readonly label: string | undefined;
  /** Whether there is a photo that this may refer to. */
  readonly isPhoto: (reference: string) => boolean;
}

/** A way to write down which photo has which label. Each has this shape and a file of its own. */
export interface LabelFormat {
  /** How messages call it. */
  readonly name: string;
  /** Extension of its files, with the dot. */
  readonly extension: '.csv' | '.json' | '.xml';
  /**
   * The photos that a file names, in its order; null where the file is of another format.
   *
   * @throws MainstemError INIT_LABELS_INVALID where it is of this format, but not all of it can be read;
   *   INIT_LABEL_NEEDED, INIT_LABEL_UNKNOWN, JSON_INVALID, DATA_INVALID
   */
  readonly read: (file: LabelFile, context: LabelContext) => LabelledPhoto[] | null;
}
