import type { NodeProto } from '../../onnx/index.ts';

/** The settings of a node, each with what it is where the file leaves it out. */
export interface Attributes {
  ints(name: string, otherwise: readonly number[]): readonly number[];
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  text(name: string, otherwise: string): string;
}

/** Reads the settings of a node. */
export function attributesOf({ attribute }: NodeProto): Attributes {
  const find = (name: string) => attribute.find((one) => one.name === name);
  return {
    ints: (name, otherwise) => find(name)?.ints.map(Number) ?? otherwise,
    int: (name, otherwise) => Number(find(name)?.i ?? otherwise),
    float: (name, otherwise) => find(name)?.f ?? otherwise,
    text: (name, otherwise) => {
      const found = find(name)?.s;
      return found ? new TextDecoder().decode(found) : otherwise;
    },
  };
}
