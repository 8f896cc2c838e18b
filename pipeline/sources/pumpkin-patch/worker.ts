// Renders photos in a thread of its own: receives { folder, photo }, answers with the photo's file name.
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import type { PlannedPhoto } from './plan.ts';
import { takePhoto } from './take.ts';

sharp.concurrency(1);
parentPort?.on('message', async ({ folder, photo }: { folder: string; photo: PlannedPhoto }) => {
  await takePhoto(folder, photo);
  parentPort?.postMessage(photo.file);
});
