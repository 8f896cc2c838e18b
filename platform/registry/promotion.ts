import type { Waiter } from '../lib/turn.ts';
import type {
  CheckedStore,
  GateResult,
  HeldBack,
  HeldBackFigures,
  ModelPointer,
  ModelRecord,
  Traffic,
} from '../schemas/index.ts';
import type { Channel } from './paths.ts';
import type { ProjectState } from './project-state.ts';

/** What a promotion needs to know. */
export interface Promotion extends Waiter {
  readonly store: CheckedStore;
  /** As {@link settledRecord} gives it. */
  readonly candidate: ModelRecord;
  /** The run key of the working tree as it is now; the candidate's key must equal it. */
  readonly treeKey: string;
  /** The gates against the champion. */
  readonly gates: readonly GateResult[];
  /** Run that the gates were judged against; null if none served, left out if it does not matter. */
  readonly champion?: string | null;
  /** How to look at what is held back for promotions; left out where nothing is. */
  readonly heldBack?: HeldBackLooker;
  /** The uncommitted pointer of the working tree that was verified against HEAD and is to be committed first. */
  readonly pending?: ModelPointer | null;
  /** Source files that decided the run; with uncommitted ones nobody could rebuild the model. */
  readonly code: readonly string[];
  /** The text of data.lock.json for the commit, where the tree's holds what is of other projects; left out to commit it as it is. */
  readonly lock?: string | undefined;
  /** Places in the project's folder that stay out of the commit, whatever has changed there. */
  readonly exclude?: readonly string[];
  /** The project as it was before anything of it was read; left out if it cannot have changed. */
  readonly state?: ProjectState | undefined;
  readonly channel: Channel;
  /** Which requests go to it; for a canary or a shadow, and only for these. */
  readonly traffic?: Traffic | undefined;
  /** False leaves the record and the pointer in the working tree. */
  readonly commit: boolean;
}

/** Looks at the examples that are held back for promotions. */
export interface HeldBackLooker {
  /** Measures the candidate there. It is called once, when nothing else stands against the promotion. */
  readonly measure: () => Promise<HeldBackFigures>;
  /** In sentences. */
  readonly describe: (found: HeldBack) => string;
}

/** What a promotion did. */
export interface Promoted {
  readonly pointer: ModelPointer;
  /** The promotion commit; null if the tree was only written, or nothing changed. */
  readonly commit: string | null;
  /** Whether the pointer is another one than before. */
  readonly changed: boolean;
  /** The run that served before; null if there was none or nothing changed. */
  readonly replaced: string | null;
  /** The commit of what had been promoted in the working tree only, made before; null if there was nothing to commit. */
  readonly pending: string | null;
}
