/*
 * A thread that keeps the histograms of some columns while trees grow. Waits for a task, works on it, and says that it has
 * finished, all through shared memory. Started by histogram-pool.ts, never by hand.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createHistogramShare } from './histogram-share.ts';
import { noTask, readTask, type ShareStart, signalPlaces, writeSplit } from './share-messages.ts';

const start: ShareStart = workerData;
const share = createHistogramShare(start);
parentPort?.postMessage('ready');

let given = 0;
for (;;) {
  Atomics.wait(start.signals, signalPlaces.given, given);
  given = Atomics.load(start.signals, signalPlaces.given);
  if (start.task[0] === noTask) break;
  const { own, sibling } = share.run(readTask(start.task), start.allowed);
  writeSplit(start.found, 0, own);
  writeSplit(start.found, 1, sibling);
  Atomics.add(start.signals, signalPlaces.finished, 1);
  Atomics.notify(start.signals, signalPlaces.finished);
}
