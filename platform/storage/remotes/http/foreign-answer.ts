/**
 * Something between here and the remote answered in its place: a proxy, a captive portal or a login page says 200 to anything, and
 * what was sent is then nowhere. So every success must show what only the remote can say.
 */
export class ForeignAnswer extends Error {
  /** @param kind of the server that should have answered: `S3 server` */
  constructor(kind: string) {
    super(
      `answered what no ${kind} answers: the address is wrong, or a proxy or a login page stands between`,
    );
    this.name = 'ForeignAnswer';
  }
}
