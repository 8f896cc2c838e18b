/*
 * A process that loads one network and says how much memory that took. Only a process of its own can tell: one that has unloaded
 * others reuses their memory, and one that computes meanwhile needs more for other reasons.
 *
 *   node serving/inference/probe.ts 1,64,64,3 < model.onnx   # prints bytes
 */
import { buffer } from 'node:stream/consumers';
import { openReady } from './session.ts';

/** A network with next to nothing in it (two Identity nodes): the first one loads the runtime itself, which all others share. */
const smallest = Buffer.from(
  'CAgSCG1haW5zdGVtOpYBCiQKBWlucHV0EgZvdXRwdXQaCUlkZW50aXR5MCIISWRlbnRpdHkKJwoFaW5wdXQSCWVtYmVkZGluZxoJSWRlbnRpdHkxIghJZGVu' +
    'dGl0eRIBeFoTCgVpbnB1dBIKCggIARIECgIIAWIUCgZvdXRwdXQSCgoICAESBAoCCAFiFwoJZW1iZWRkaW5nEgoKCAgBEgQKAggBQgIQEQ==',
  'base64',
);

const [shape = ''] = process.argv.slice(2);
const onnx = await buffer(process.stdin);
const first = await openReady(smallest, [1]);
const before = process.memoryUsage.rss();
const session = await openReady(onnx, shape.split(',').map(Number));
const bytes = Math.max(0, process.memoryUsage.rss() - before);
process.stdout.write(String(bytes));
await Promise.all([first, session].map((one) => one.release()));
