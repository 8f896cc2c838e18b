/** Stands for a stage's outputs before they exist; an input of later stages. */
export class Handle<Outputs> {
  readonly name: string;
  #outputs: Outputs | null = null;

  /** @param name the stage's name in its flow. */
  constructor(name: string) {
    this.name = name;
  }

  /** The outputs; null if the stage has not run, failed, or was only planned. */
  get outputs(): Outputs | null {
    return this.#outputs;
  }

  /** Called by the flow once the stage's outputs are known. */
  resolve(outputs: Outputs): void {
    this.#outputs = outputs;
  }
}

/** A stage's inputs, any of which may be the handle of the stage that makes it. */
export type HandledInputs<Inputs> = {
  readonly [Name in keyof Inputs]: Inputs[Name] | Handle<NonNullable<Inputs[Name]>>;
};
