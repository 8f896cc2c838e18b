import * as tf from '@tensorflow/tfjs-core';

/** What a kernel is called with: tensors by name, attributes by name. */
export interface KernelCall<Inputs, Attributes> {
  readonly inputs: { readonly [Name in keyof Inputs]: NonNullable<Inputs[Name]> };
  readonly attrs: Attributes;
}

type Result = tf.TensorInfo | tf.TensorInfo[];

/** Kernels with the types that their names stand for. */
export type TypedKernel<Inputs, Attributes> = (call: KernelCall<Inputs, Attributes>) => Result;

/**
 * Registers a kernel for the WASM backend in place of the published one, if there is one. The engine hands over
 * inputs and attributes untyped; the kernel's name decides what they are, so the types are asserted here, once.
 *
 * @param make builds the kernel; gets the published one for the cases that it does not take itself
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
 * @param applies whether the replacement takes this call; the library's does otherwise
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
