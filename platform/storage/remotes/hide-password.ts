/**
 * An address without the name and the password that may stand before its host, also where it is a part of another address.
 *
 * @example hidePassword('s3://b?endpoint=http://jen:secret@host') // 's3://b?endpoint=http://***@host'
 */
export function hidePassword(address: string): string {
  return address.replace(/((?:\/|%2f){2})(?:(?!%2f|%3f|%23)[^/?#\s])*(?:@|%40)/gi, '$1***@');
}
