// Measures photos in a thread of its own.
import { answerTasks } from '../../platform/lib/threads.ts';
import { readPhoto } from './read-photo.ts';

answerTasks(readPhoto);
