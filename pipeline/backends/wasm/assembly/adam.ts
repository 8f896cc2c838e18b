import { bytesOf, unitValues } from './vector.ts';

/**
 * One step of Adam (Kingma & Ba 2015, algorithm 1). Reads the value, the gradient and the two moments, and writes the
 * new ones to other buffers: the library caches packed weights by tensor, so no tensor may change in place.
 *
 * @param correction1 1 − beta1^step @param correction2 1 − beta2^step
 */
export function adamStep(
  from: i32,
  to: i32,
  value: usize,
  gradient: usize,
  first: usize,
  second: usize,
  newValue: usize,
  newFirst: usize,
  newSecond: usize,
  count: i32,
  learningRate: f32,
  beta1: f32,
  beta2: f32,
  correction1: f32,
  correction2: f32,
  epsilon: f32,
): void {
  const last = min(count, to * unitValues);
  const vectors = bytesOf(last & ~3);
  const keep1 = f32x4.splat(beta1);
  const keep2 = f32x4.splat(beta2);
  const take1 = f32x4.splat(1 - beta1);
  const take2 = f32x4.splat(1 - beta2);
  const unbias1 = f32x4.splat(correction1);
  const unbias2 = f32x4.splat(correction2);
  const small = f32x4.splat(epsilon);
  const rate = f32x4.splat(learningRate);
  let at = bytesOf(from * unitValues);
  for (; at < vectors; at += 16) {
    const g = v128.load(gradient + at);
    const m = f32x4.add(f32x4.mul(v128.load(first + at), keep1), f32x4.mul(g, take1));
    const squared = f32x4.mul(f32x4.mul(g, g), take2);
    const v = f32x4.add(f32x4.mul(v128.load(second + at), keep2), squared);
    v128.store(newFirst + at, m);
    v128.store(newSecond + at, v);
    const spread = f32x4.add(f32x4.sqrt(f32x4.div(v, unbias2)), small);
    const update = f32x4.mul(f32x4.div(f32x4.div(m, unbias1), spread), rate);
    v128.store(newValue + at, f32x4.sub(v128.load(value + at), update));
  }
  for (const end = bytesOf(last); at < end; at += 4) {
    const g = load<f32>(gradient + at);
    const m = load<f32>(first + at) * beta1 + g * (1 - beta1);
    const v = load<f32>(second + at) * beta2 + g * g * (1 - beta2);
    store<f32>(newFirst + at, m);
    store<f32>(newSecond + at, v);
    const update = m / correction1 / (sqrt<f32>(v / correction2) + epsilon);
    store<f32>(newValue + at, load<f32>(value + at) - update * learningRate);
  }
}
