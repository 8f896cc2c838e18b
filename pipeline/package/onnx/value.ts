/**
 * A tensor while the graph is built. Shapes are those of the layers library, with null for the batch; a value
 * of rank 4 lies in memory as its layout says, because ONNX convolves channels first.
 */
export interface Value {
  /** The name of the edge in the ONNX graph. */
  readonly name: string;
  /** [batch, height, width, channels] for rank 4, whatever the layout. */
  readonly shape: readonly (number | null)[];
  readonly layout: 'channels-first' | 'channels-last';
  /**
   * Set on the flat result of a channels-first value: [height, width, channels] before flattening. The dense
   * layer that reads it reorders its weights instead of the values.
   */
  readonly flattened?: readonly [height: number, width: number, channels: number];
}
