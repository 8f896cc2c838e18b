import { ForeignAnswer } from '../http/foreign-answer.ts';

/** What {@link ForeignAnswer} calls it. */
export const serverKind = 'S3 server';

/**
 * Checks that an answer is of a server that speaks the protocol.
 *
 * @param proof what every such server says in the answer to this command, such as the ETag of what it stored
 * @throws ForeignAnswer
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export function assertAnswer(proof: string | boolean | undefined): void {
  if (proof === undefined || proof === '') throw new ForeignAnswer(serverKind);
}
