// Decodes photos in a thread of its own.
import { answerTasks } from '../../platform/lib/threads.ts';
import { decodePhoto } from './decode-photo.ts';

answerTasks(decodePhoto);
