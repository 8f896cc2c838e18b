import { setTimeout as delay } from 'node:timers/promises';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { explainSystemError } from '../../platform/lib/explain-system-error.ts';
import type { FollowState, LookOutcome, Origin } from './origin.ts';
import type { Packages } from './packages.ts';
import type { Server, Source } from './source.ts';
import type { View, Views } from './views.ts';

/** Hears what becomes of looks. */
export interface FollowReporter {
  looked(outcome: LookOutcome): void;
  /** The branch cannot be followed, and could before. */
  failed(error: MainstemError): void;
  recovered(): void;
  /** Another commit is followed. */
  followed(commit: string): void;
}

/** What is followed, and how. */
export interface FollowBranchOptions {
  readonly from: FollowState['from'];
  readonly origin: Origin;
  readonly views: Views;
  readonly packages: Packages;
  /** The folder that the server was started in, with which it goes on until the branch was seen. */
  readonly root: string;
  /** Seconds between two looks; 0 for none but those that are asked for. */
  readonly everySeconds: number;
  readonly reporter: FollowReporter;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** While looks fail they come more and more seldom, until this. */
const longestWaitMs = 300_000;
/** How long a server that has something to start with waits for something newer. */
const firstMs = 60_000;

/**
 * Follows a branch. The first look is over when this returns; where it failed, the server starts with what was followed last, or
 * else with the files of its folder.
 */
export async function followBranch(options: FollowBranchOptions): Promise<Source> {
  const before = await options.views.last();
  const follower = new BranchFollower(options, before);
  const first = follower.look();
  // Packages may come slowly; what was followed last need not wait for them.
  await (before ? Promise.race([first, delay(firstMs, undefined, { ref: false })]) : first);
  return follower;
}

class BranchFollower implements Source {
  readonly #options: FollowBranchOptions;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #before: View | null;
  /** What was read last; its packages may not be here yet. */
  #read: View | null = null;
  #followed: View | null = null;
  /** The last one of which all serves: what a restart may begin with. */
  #kept: View | null = null;
  /** The pull of what was read last. */
  #providing: { readonly end: AbortController; readonly done: Promise<void> } | null = null;
  #lacking: { readonly times: number; readonly nextAt: number } | null = null;
  #failures = 0;
  #failure: MainstemError | null = null;
  #seenAt: number;
  #server: Server | null = null;

  constructor(options: FollowBranchOptions, before: View | null) {
    this.#options = options;
    this.#before = before;
    this.#now = options.now ?? (() => performance.now());
    this.#seenAt = this.#now();
  }

  get root(): string {
    return (this.#followed ?? this.#before)?.root ?? this.#options.root;
  }

  get starts(): readonly string[] {
    const views = [this.#followed, this.#before].flatMap((view) => view?.root ?? []);
    return [...new Set([...views, this.#options.root])];
  }

  get store() {
    return this.#options.packages.store;
  }

  get state(): FollowState {
    const commit = (this.#followed ?? this.#before)?.commit ?? null;
    const age = (this.#now() - this.#seenAt) / 1000;
    const { from, origin } = this.#options;
    return { from, branch: origin.branch, commit, age, failure: this.#failure };
  }

  async look(): Promise<void> {
    if (this.#lacking) this.#lacking = { ...this.#lacking, nextAt: 0 };
    await this.#lookOnce();
    await this.#providing?.done;
  }

  /** A server that could not start with the newest commit tries again here, beside what it has begun with. */
  async begin(server: Server): Promise<void> {
    this.#server = server;
    await this.#tell(server).catch((error: unknown) => {
      this.#fail(explain(error, this.#options.origin));
    });
    if (this.#options.everySeconds > 0) void this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#providing?.done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const everyMs = this.#options.everySeconds * 1000;
    while (!signal.aborted) {
      const wait = Math.max(everyMs, Math.min(longestWaitMs, everyMs * 2 ** this.#failures));
      await delay(wait, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await this.#lookOnce();
    }
  }

  /** A newer commit is seen while packages of another one still come: a rollback waits for nothing. */
  async #lookOnce(): Promise<void> {
    const { origin, views, reporter } = this.#options;
    try {
      const snapshot = await origin.look(this.#read?.commit ?? null, this.#stop.signal);
      if (snapshot) this.#provide(await views.write(snapshot));
      else if (this.#lacking && this.#now() >= this.#lacking.nextAt && this.#read)
        this.#provide(this.#read);
      await this.#keepServing();
      this.#seenAt = this.#now();
      if (this.#failure) reporter.recovered();
      this.#failures = 0;
      this.#failure = null;
      reporter.looked(snapshot ? 'changed' : 'unchanged');
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#fail(explain(error, origin));
    }
  }

  async #tell(server: Server): Promise<void> {
    await server.retry();
    // Once is not told of, since files come one after another; a commit comes whole.
    if (server.isBehind) await server.retry();
    await this.#keepServing();
  }

  async #keepServing(): Promise<void> {
    const view = this.#followed;
    if (!view || view === this.#kept || !this.#server || this.#server.isBehind) return;
    await this.#options.views.keep(view);
    this.#kept = view;
  }

  #fail(error: MainstemError): void {
    const { reporter } = this.#options;
    const isNew = this.#failure?.message !== error.message;
    this.#failures += 1;
    this.#failure = error;
    reporter.looked('failed');
    if (isNew) reporter.failed(error);
  }

  #provide(view: View): void {
    this.#providing?.end.abort();
    const before = this.#providing?.done;
    // What is being pulled is not pulled again meanwhile.
    const again = view === this.#read && this.#lacking;
    this.#lacking = again ? { ...again, nextAt: Number.POSITIVE_INFINITY } : null;
    this.#read = view;
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, this.#stop.signal]);
    this.#providing = { end, done: this.#follow(view, signal, before) };
  }

  /** Pulls what a view needs, then lets the server look at it. What cannot be had is refused there, and tried again. */
  async #follow(view: View, signal: AbortSignal, before?: Promise<void>): Promise<void> {
    await before;
    try {
      const isWhole = await this.#options.packages.provide(view.root, signal);
      signal.throwIfAborted();
      const times = (this.#lacking?.times ?? 0) + 1;
      const wait = Math.min(longestWaitMs, 1000 * 2 ** times);
      this.#lacking = isWhole ? null : { times, nextAt: this.#now() + wait };
      const isNew = this.#followed?.commit !== view.commit;
      this.#followed = view;
      if (isNew) this.#options.reporter.followed(view.commit);
      if (this.#server) await this.#tell(this.#server);
    } catch (error) {
      if (signal.aborted) return;
      this.#lacking = { times: 1, nextAt: this.#now() };
      this.#fail(explain(error, this.#options.origin));
    }
  }
}

function explain(error: unknown, { address, branch }: Origin): MainstemError {
  if (isMainstemError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const unknown = new MainstemError('FOLLOW_UNREACHABLE', { address, branch, reason });
  return explainSystemError(error) ?? unknown;
}
