import type { Session, SessionResult } from '../onnx/index.ts';
import type { PreparedData } from '../prepare/index.ts';

const batchSize = 64;

/** Runs a packaged network on some rows of prepared data, in their order. @param rows numbers of the rows */
export async function runRows(
  session: Session,
  { fill, rowLength }: PreparedData,
  rows: readonly number[],
): Promise<SessionResult> {
  const results: SessionResult[] = [];
  for (let first = 0; first < rows.length; first += batchSize) {
    const batch = rows.slice(first, first + batchSize);
    const values = new Float32Array(batch.length * rowLength);
    fill(values, batch);
    results.push(await session.run(values, batch.length));
  }
  return {
    output: concatenate(results.map(({ output }) => output)),
    embedding: concatenate(results.map(({ embedding }) => embedding)),
  };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
