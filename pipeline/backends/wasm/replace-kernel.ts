import * as tf from '@tensorflow/tfjs-core';

/** The arguments of a kernel: tensors and attributes, by name. */
export interface KernelCall<Inputs, Attributes> {
  readonly inputs: { readonly [Name in keyof Inputs]: NonNullable<Inputs[Name]> };
  readonly attrs: Attributes;
}

type Result = tf.TensorInfo | tf.TensorInfo[];

/** The types of each kernel's inputs and attributes, by its name. */
export type TypedKernel<Inputs, Attributes> = (call: KernelCall<Inputs, Attributes>) => Result;

/**
 * Registers a kernel for the WASM backend in place of the published one, if there is one. The engine passes
 * inputs and attributes without types; the kernel's name determines them, so they are asserted once, here.
 *
 * @param make builds the kernel; it receives the published one for the cases that it does not handle itself
 */
export function replaceKernel<Inputs extends object, Attributes extends object>(
  name: string,
  make: (published: TypedKernel<Inputs, Attributes>) => TypedKernel<Inputs, Attributes>,
): void {
  const old: tf.KernelConfig | undefined = tf.getKernel(name, 'wasm');
  if (old) tf.unregisterKernel(name, 'wasm');
  const kernel = make(({ inputs, attrs }) => {
    if (!old) throw new Error(`the published backend has no kernel ${name}`);
    const call = { inputs, attrs, backend: tf.backend() };
    return old.kernelFunc(call as unknown as Parameters<tf.KernelFunc>[0]);
  });
  tf.registerKernel({
    kernelName: name,
    backendName: 'wasm',
    kernelFunc: (call) => kernel(call as unknown as KernelCall<Inputs, Attributes>),
  });
}

/**
 * Replaces a gradient on the WASM backend; other backends keep the library's.
 *
 * @param applies whether the replacement handles a call; the library's gradient handles the others
 */
export function replaceGradient(
  name: string,
  gradient: tf.GradFunc,
  applies: (saved: tf.Tensor[], attrs: object) => boolean = () => true,
): void {
  const old = tf.getGradient(name);
  tf.unregisterGradient(name);
  tf.registerGradient({
    ...old,
    gradFunc: (dy, saved, attrs) =>
      tf.getBackend() === 'wasm' && applies(saved, attrs)
        ? gradient(dy, saved, attrs)
        : old.gradFunc(dy, saved, attrs),
  });
}
