import { keyPrefix } from './key-prefix.ts';

/** What a name says of its value: of an option, or of a parameter in an address. */
const words = 'token|secret|passw|pwd|credential|signature|key|auth|jwt|session';
const secretName = new RegExp(words, 'i');

/**
 * What has the form of a key of ours, whole, cut or mistyped, or of a JSON Web Token. Nothing is found in them that JSON would
 * write otherwise, so that a line of JSON without them is JSON still.
 */
const keyForms: readonly RegExp[] = [
  new RegExp(`${keyPrefix}[0-9A-Za-z]{16,}`, 'g'),
  /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?/g,
];

/** In any text. The lengths of names are bounded, or a hostile text could keep the search busy. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/\/\/[^\s/@"\\]+@/g, '//***@'],
  [
    new RegExp(
      `([?&][^\\s=&?"'\\\\]{0,100}(?:${words})[^\\s=&?"'\\\\]{0,100}=)[^\\s&"'\\\\]+`,
      'gi',
    ),
    '$1***',
  ],
  [/\b(?:gh[pousr]_|github_pat_)\w{10,}/g, '***'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '***'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
];

/** Whether the value of what is called so is usually secret. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** A text without what has the form of a key. JSON stays JSON. */
export function hideKeys(text: string): string {
  return keyForms.reduce((left, form) => left.replace(form, '***'), text);
}

/**
 * A text without what looks like a secret: keys, passwords in addresses, values of parameters such as `access_token`. JSON stays JSON.
 *
 * @example hideSecrets('GET /version?access_token=abc') // 'GET /version?access_token=***'
 */
export function hideSecrets(text: string): string {
  return forms.reduce((left, [form, by]) => left.replace(form, by), hideKeys(text));
}

/**
 * The address of a request without what looks like a secret, however it is encoded.
 *
 * @example hideUrlSecrets('/version?access%5Ftoken=abc&from=field') // '/version?access%5Ftoken=***&from=field'
 */
export function hideUrlSecrets(url: string): string {
  if (!/[?%@]|mainstem_|eyJ/.test(url)) return url;
  const [path = '', ...query] = url.split('?');
  const shown = path
    .replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1***@')
    .split('/')
    .map(hideEncoded)
    .join('/');
  if (query.length === 0) return shown;
  return `${shown}?${query.join('?').split('&').map(hideParameter).join('&')}`;
}

function hideParameter(parameter: string): string {
  const [name = '', ...value] = parameter.split('=');
  if (value.length > 0 && isSecretName(decode(name))) return `${hideEncoded(name)}=***`;
  return hideEncoded(parameter);
}

/** A part of an address; one that hides a key behind %XX goes as a whole. */
function hideEncoded(part: string): string {
  const plain = hideKeys(part);
  const decoded = decode(plain);
  return hideKeys(decoded) === decoded ? plain : '***';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
