import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { TrialChannel } from '../../platform/registry/index.ts';
import type { ModelPointer, Traffic } from '../../platform/schemas/index.ts';
import { isAssigned, type ReadHeader } from './assign.ts';
import type { ModelMemory } from './memory.ts';
import { findModel, inOrder, type ServedModel, sessionOf } from './models.ts';
import type { Pool } from './pool.ts';
import type { Predictor } from './predictor.ts';
import { rehearse } from './rehearse.ts';

/** A version that a pointer names and that cannot serve; what served before goes on. */
export interface Refused {
  readonly model: string;
  readonly channel: 'production' | TrialChannel;
  /** Empty where the pointer itself cannot be read. */
  readonly version: string;
  readonly error: MainstemError;
}

/** Hears what becomes of versions. */
export interface LineupObserver {
  /** It was loaded beside what answers. */
  loaded(model: ServedModel): void;
  /** It answers from now on, or is tried. @param before what answered until now */
  entered(model: ServedModel, role: Role, before: ServedModel | null): void;
  /** It is no longer what production names. It may still answer requests that it was chosen for. */
  left(model: ServedModel): void;
  /** Nothing is left of it. */
  unloaded(model: ServedModel): void;
}

/** What a version is there for. */
export type Role = 'production' | TrialChannel;

/** A version that is tried beside the one in production. */
export interface TriedModel {
  readonly model: ServedModel;
  readonly traffic: Traffic;
}

/** The versions that a server has, and which of them answers. */
export interface Lineup {
  /** What production names of each model, the default one first. */
  readonly models: readonly ServedModel[];
  /** The same, with what is tried. */
  readonly answering: readonly ServedModel[];
  /** The same, with what answered before: every version that a request may name. */
  readonly kept: readonly ServedModel[];
  /** What production names where a version is another one of its model; null where it is that one, or where there is none. */
  standIn(model: ServedModel): ServedModel | null;
  /** What is tried of a model. */
  trial(name: string, channel: TrialChannel): TriedModel | null;
  /**
   * The version that answers a request: the one in production, or its canary.
   *
   * @param name undefined for the default model
   * @param random draws in [0, 1); a request that belongs to an earlier answer draws 1
   * @throws MainstemError MODEL_UNKNOWN
   */
  choose(name: string | undefined, read: ReadHeader, random?: () => number): ServedModel;
  /**
   * What production names of a model, or the version that a request names: one that is tried, or the one from before.
   *
   * @throws MainstemError MODEL_UNKNOWN, MODEL_VERSION_UNKNOWN
   */
  find(name: string, version?: string): ServedModel;
  /**
   * Lets a version answer in place of the one before, which is kept. It is loaded beside that one on every thread, answers an
   * input of our own, and only then takes over; requests that have begun are answered by the version they were chosen for.
   *
   * @throws MainstemError SERVING_REHEARSAL_FAILED, SERVING_*; what answered before goes on
   */
  enter(model: ServedModel): Promise<void>;
  /** Lets the version from before, or one that is tried, answer at once. @returns whether the pointer names such a one */
  recall(pointer: ModelPointer): boolean;
  /**
   * Tries a version beside production, loaded as in {@link enter}; one that is loaded already gets its requests at once.
   *
   * @throws MainstemError SERVING_REHEARSAL_FAILED, SERVING_*
   */
  tryOut(channel: TrialChannel, tried: TriedModel): Promise<void>;
  /** Ends a trial: all requests go to production. */
  endTrial(name: string, channel: TrialChannel): void;
  /** A version that is kept and that the pointer names. */
  findKept(pointer: ModelPointer): ServedModel | null;
  /** Takes a model out of service. */
  remove(name: string): void;
  /** Keeps a version for a request. @returns what ends that */
  hold(model: ServedModel): () => void;
}

/** What versions are loaded with. */
export interface LineupOptions {
  /** The name of the default model; '' for the first by name. */
  readonly preferred: string;
  readonly pool: Pool;
  readonly memory: ModelMemory;
  /** One that counts nothing, and computes with what is loaded already. */
  readonly predictor: Predictor;
  readonly observer: LineupObserver;
}

/** The versions of one model. */
interface Entry {
  readonly current: ServedModel;
  /** What answered before: a rollback to it takes no time. */
  readonly previous: ServedModel | null;
  readonly canary: TriedModel | null;
  readonly shadow: TriedModel | null;
}

/** Whether a pointer names exactly this version. */
export function isNamed({ pointer }: ServedModel, other: ModelPointer): boolean {
  const { run, record, onnx } = pointer;
  return run === other.run && record === other.record && onnx === other.onnx;
}

/** Creates the lineup of a server that starts. */
export function createLineup(models: readonly ServedModel[], options: LineupOptions): Lineup {
  return new LoadedVersions(models, options);
}

const untried = { canary: null, shadow: null };

/** Every version of a model that something needs. */
const needed = ({ current, previous, canary, shadow }: Entry): ServedModel[] =>
  [current, previous, canary?.model, shadow?.model].flatMap((model) => model ?? []);

class LoadedVersions implements Lineup {
  readonly #options: LineupOptions;
  readonly #entries = new Map<string, Entry>();
  /** Requests of every version that is kept. */
  readonly #held = new Map<ServedModel, number>();
  #models: readonly ServedModel[] = [];

  constructor(models: readonly ServedModel[], options: LineupOptions) {
    this.#options = options;
    for (const model of models)
      this.#set(model.name, { ...untried, current: model, previous: null });
  }

  get models(): readonly ServedModel[] {
    return this.#models;
  }

  get answering(): readonly ServedModel[] {
    return [...this.#entries.values()].flatMap(({ current, canary, shadow }) =>
      [current, canary?.model, shadow?.model].flatMap((model) => model ?? []),
    );
  }

  get kept(): readonly ServedModel[] {
    return [...this.#entries.values()].flatMap(needed);
  }

  find(name: string, version?: string): ServedModel {
    const model = findModel(this.#models, name);
    if (version === undefined || version === model.version) return model;
    const entry = this.#entries.get(name);
    const versions = entry ? needed(entry) : [];
    const found = versions.find((one) => one.version === version);
    if (found) return found;
    const known = [...new Set(versions.map((one) => one.version))].join(', ');
    throw new MainstemError('MODEL_VERSION_UNKNOWN', { name, version, known });
  }

  standIn(model: ServedModel): ServedModel | null {
    const current = this.#entries.get(model.name)?.current ?? null;
    return current === model ? null : current;
  }

  trial(name: string, channel: TrialChannel): TriedModel | null {
    return this.#entries.get(name)?.[channel] ?? null;
  }

  choose(name: string | undefined, read: ReadHeader, random = Math.random): ServedModel {
    const model = findModel(this.#models, name);
    const canary = this.trial(model.name, 'canary');
    const isTried = canary && isAssigned(canary.traffic, canary.model.version, read, random);
    return isTried ? canary.model : model;
  }

  async enter(model: ServedModel): Promise<void> {
    await this.#load(model);
    this.#take(model);
  }

  async tryOut(channel: TrialChannel, { model, traffic }: TriedModel): Promise<void> {
    if (!this.#held.has(model)) await this.#load(model);
    const entry = this.#entries.get(model.name);
    if (!entry) return this.#retire(model);
    const before = entry[channel]?.model ?? null;
    this.#entries.set(model.name, { ...entry, [channel]: { model, traffic } });
    if (before === model) return;
    if (before) this.#options.observer.left(before);
    this.#options.observer.entered(model, channel, before);
    this.#retire(before);
  }

  endTrial(name: string, channel: TrialChannel): void {
    const entry = this.#entries.get(name);
    const model = entry?.[channel]?.model;
    if (!entry || !model) return;
    this.#entries.set(name, { ...entry, [channel]: null });
    if (entry.current !== model) this.#options.observer.left(model);
    this.#retire(model);
  }

  findKept(pointer: ModelPointer): ServedModel | null {
    const entry = this.#entries.get(pointer.model);
    return (entry && needed(entry).find((model) => isNamed(model, pointer))) ?? null;
  }

  async #load(model: ServedModel): Promise<void> {
    this.#held.set(model, 0);
    try {
      const release = await this.#options.memory.use(model).catch((error: unknown) => {
        throw causeOf(error);
      });
      await rehearse(model, this.#options).finally(release);
      this.#options.observer.loaded(model);
    } catch (error) {
      this.#drop(model);
      throw error;
    }
  }

  recall(pointer: ModelPointer): boolean {
    const model = this.findKept(pointer);
    if (model) this.#take(model);
    return model !== null;
  }

  remove(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    this.#entries.delete(name);
    this.#order();
    for (const model of needed(entry)) {
      if (model !== entry.previous) this.#options.observer.left(model);
      this.#retire(model);
    }
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
    this.#set(model.name, {
      ...(before ?? untried),
      ...{ current: model, previous: before?.current ?? null },
    });
    if (before) observer.left(before.current);
    observer.entered(model, 'production', before?.current ?? null);
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
    if (entry && needed(entry).includes(model)) return;
    if (this.#held.has(model)) this.#drop(model);
  }

  #drop(model: ServedModel): void {
    this.#held.delete(model);
    const others = [...this.#held.keys()];
    const isSame = ({ name, version }: ServedModel) =>
      name === model.name && version === model.version;
    if (!others.some(isSame)) this.#options.observer.unloaded(model);
    if (others.some((other) => sessionOf(other) === sessionOf(model))) return;
    this.#options.memory.forget(model);
  }
}

/** Why a version cannot be loaded, without what is said to those who wait for it. */
function causeOf(error: unknown): unknown {
  return isMainstemError(error, 'SERVING_MODEL_UNLOADABLE') ? error.cause : error;
}
