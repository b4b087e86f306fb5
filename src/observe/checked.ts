/**
 * Checks of values from a node: is it a number, a path, an address. Refuses to guess.
 */

/** Digits alone, and a number that is exact. */
export function whole(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Sizes and inode numbers have 64 bits: a larger one than is exact becomes the largest exact one. */
export const clamped = (value: number): number => Math.min(value, Number.MAX_SAFE_INTEGER);
export const large = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,20}$/.test(text) ? clamped(Number(text)) : undefined;

const PORT_MAX = 65_535;
export const port = (text: string | undefined): number | undefined => {
  const value = whole(text);
  return value === undefined || value > PORT_MAX ? undefined : value;
};

/** Relative, and inside: no empty, `.` or `..` component, and nothing that ends a line. */
export const staysInside = (path: string): boolean =>
  !/[\0\n]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

export const isAbsolute = (path: string): boolean =>
  path === '/' || (path.startsWith('/') && staysInside(path.slice(1)));

export const isBrickPath = (path: string): boolean => path !== '/' && isAbsolute(path);

const isV4 = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) &&
  text.split('.').every((part) => part === String(Number(part)) && Number(part) <= 255);

/** As getent and /proc print them: IPv6 in colons, perhaps with a zone and a tail of IPv4. */
export function isAddress(text: string): boolean {
  if (text.length > 64) return false;
  if (!text.includes(':')) return isV4(text);
  const [, address = '', zone] = /^([^%]*)(%[\w.-]+)?$/.exec(text) ?? [];
  const tail = /[^:]*\.[^:]*$/.exec(address)?.[0];
  if (tail !== undefined && !isV4(tail)) return false;
  const hex = tail === undefined ? address : `${address.slice(0, -tail.length)}0:0`;
  const [head = '', rest, ...more] = hex.split('::');
  const groups = [head, rest ?? ''].flatMap((part) => (part === '' ? [] : part.split(':')));
  if (more.length > 0 || (zone !== undefined && zone.length > 17)) return false;
  return (
    groups.every((g) => /^[0-9a-f]{1,4}$/i.test(g)) &&
    (rest === undefined ? groups.length === 8 : groups.length < 8)
  );
}
