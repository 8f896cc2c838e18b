// Renders photos in a thread of its own.
import sharp from 'sharp';
import { answerTasks } from '../../../platform/lib/threads.ts';
import type { Task } from './collect.ts';
import { takePhoto } from './take.ts';

sharp.concurrency(1);
answerTasks<Task, void>(({ folder, photo }) => takePhoto(folder, photo));
