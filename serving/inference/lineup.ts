import { MainstemError } from '../../platform/lib/errors.ts';
import type { ModelPointer } from '../../platform/schemas/index.ts';
import { findModel, inOrder, type ServedModel, sessionOf } from './models.ts';
import type { Pool } from './pool.ts';
import { inputShape, type Predictor } from './predictor.ts';
import { rehearse } from './rehearse.ts';

/** A version that a pointer names and that cannot serve; what served before goes on. */
export interface Refused {
  readonly model: string;
  /** Empty where the pointer itself cannot be read. */
  readonly version: string;
  readonly error: MainstemError;
}

/** Hears what becomes of versions. */
export interface LineupObserver {
  /** It was loaded beside what answers. */
  loaded(model: ServedModel): void;
  /** It answers from now on. @param before what answered until now */
  entered(model: ServedModel, before: ServedModel | null): void;
  /** It is no longer what production names. It may still answer requests that it was chosen for. */
  left(model: ServedModel): void;
  /** Nothing is left of it. */
  unloaded(model: ServedModel): void;
}

/** The versions that a server has loaded, and which of them answers. */
export interface Lineup {
  /** What answers for each model, the default one first. */
  readonly models: readonly ServedModel[];
  /**
   * What answers for a model, or the version that a request names, which may be the one from before.
   *
   * @throws MainstemError MODEL_UNKNOWN, MODEL_VERSION_UNKNOWN
   */
  find(name: string, version?: string): ServedModel;
  /**
   * Lets a version answer in place of the one before, which stays loaded. It is loaded beside that one on every thread, answers an
   * input of our own, and only then takes over; requests that have begun are answered by the version they were chosen for.
   *
   * @throws MainstemError SERVING_REHEARSAL_FAILED, SERVING_*; what answered before goes on
   */
  enter(model: ServedModel): Promise<void>;
  /** Lets the version that answered before answer again, at once. @returns whether the pointer names that one */
  recall(pointer: ModelPointer): boolean;
  /** Takes a model out of service. */
  remove(name: string): void;
  /** Keeps a version loaded for a request. @returns what ends that */
  hold(model: ServedModel): () => void;
}

/** What versions are loaded with. */
export interface LineupOptions {
  /** The name of the default model; '' for the first by name. */
  readonly preferred: string;
  readonly pool: Pool;
  /** One that counts nothing. */
  readonly predictor: Predictor;
  readonly observer: LineupObserver;
}

/** The versions of one model. */
interface Entry {
  readonly current: ServedModel;
  /** What answered before: a rollback to it takes no time. */
  readonly previous: ServedModel | null;
}

/** Whether a pointer names exactly this version. */
export function isNamed({ pointer }: ServedModel, other: ModelPointer): boolean {
  const { run, record, onnx } = pointer;
  return run === other.run && record === other.record && onnx === other.onnx;
}

/** Creates the lineup of a server that starts. @param models loaded on the pool's threads already */
export function createLineup(models: readonly ServedModel[], options: LineupOptions): Lineup {
  return new LoadedVersions(models, options);
}

class LoadedVersions implements Lineup {
  readonly #options: LineupOptions;
  readonly #entries = new Map<string, Entry>();
  /** Requests of every version that is loaded. */
  readonly #held = new Map<ServedModel, number>();
  #models: readonly ServedModel[] = [];

  constructor(models: readonly ServedModel[], options: LineupOptions) {
    this.#options = options;
    for (const model of models) this.#set(model.name, { current: model, previous: null });
  }

  get models(): readonly ServedModel[] {
    return this.#models;
  }

  find(name: string, version?: string): ServedModel {
    const model = findModel(this.#models, name);
    if (version === undefined || version === model.version) return model;
    const previous = this.#entries.get(name)?.previous;
    if (previous?.version === version) return previous;
    const known = [model, previous].flatMap((one) => one?.version ?? []).join(', ');
    throw new MainstemError('MODEL_VERSION_UNKNOWN', { name, version, known });
  }

  async enter(model: ServedModel): Promise<void> {
    const { pool } = this.#options;
    const session = sessionOf(model);
    this.#held.set(model, 0);
    try {
      await pool.load(session, model.onnx, [1, ...inputShape(model)]);
      await rehearse(model, this.#options);
      this.#options.observer.loaded(model);
    } catch (error) {
      this.#drop(model);
      throw error;
    }
    this.#take(model);
  }

  recall(pointer: ModelPointer): boolean {
    const previous = this.#entries.get(pointer.model)?.previous;
    if (!previous || !isNamed(previous, pointer)) return false;
    this.#take(previous);
    return true;
  }

  remove(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    this.#entries.delete(name);
    this.#order();
    this.#options.observer.left(entry.current);
    for (const model of [entry.current, entry.previous]) this.#retire(model);
  }

  hold(model: ServedModel): () => void {
    this.#held.set(model, (this.#held.get(model) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#held.set(model, (this.#held.get(model) ?? 1) - 1);
      this.#retire(model);
    };
  }

  /** From one request to the next another version answers. */
  #take(model: ServedModel): void {
    const { observer } = this.#options;
    const before = this.#entries.get(model.name);
    this.#set(model.name, { current: model, previous: before?.current ?? null });
    if (before) observer.left(before.current);
    observer.entered(model, before?.current ?? null);
    this.#retire(before?.previous ?? null);
  }

  #set(name: string, entry: Entry): void {
    this.#entries.set(name, entry);
    this.#held.set(entry.current, this.#held.get(entry.current) ?? 0);
    this.#order();
  }

  #order(): void {
    const current = [...this.#entries.values()].map((entry) => entry.current);
    this.#models = inOrder(current, this.#options.preferred);
  }

  /** Unloads a version that nothing needs any more. */
  #retire(model: ServedModel | null): void {
    if (model === null || (this.#held.get(model) ?? 0) > 0) return;
    const entry = this.#entries.get(model.name);
    if (entry?.current === model || entry?.previous === model) return;
    if (this.#held.has(model)) this.#drop(model);
  }

  #drop(model: ServedModel): void {
    this.#held.delete(model);
    const others = [...this.#held.keys()];
    const isSame = ({ name, version }: ServedModel) =>
      name === model.name && version === model.version;
    if (!others.some(isSame)) this.#options.observer.unloaded(model);
    if (others.some((other) => sessionOf(other) === sessionOf(model))) return;
    void this.#options.pool.unload(sessionOf(model));
  }
}
