/** The cookie of a session. With the prefix `__Host-` a browser takes it over TLS only, and only from this very host. */
const cookieName = (isSecure: boolean) => (isSecure ? '__Host-mainstem' : 'mainstem');

/**
 * The session that a request's Cookie header holds; null if none.
 *
 * @example readSessionCookie('theme=dark; mainstem=eyJ.x', false) // 'eyJ.x'
 */
export function readSessionCookie(header: string | undefined, isSecure: boolean): string | null {
  const start = `${cookieName(isSecure)}=`;
  const parts = (header ?? '').split(';').map((part) => part.trim());
  const found = parts.find((part) => part.startsWith(start));
  return found?.slice(start.length) || null;
}

/**
 * A Set-Cookie header that no script reads and that no other site's request carries.
 *
 * @param seconds that it lasts; 0 removes it
 */
export function renderSessionCookie(value: string, seconds: number, isSecure: boolean): string {
  const attributes = ['Path=/', `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Strict'];
  return [`${cookieName(isSecure)}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join(
    '; ',
  );
}
