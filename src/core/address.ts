/** Network addresses, by their form alone. Resolves nothing. */

/** An address, not a name, by which every host reaches itself. */
export const isLoopbackAddress = (address: string): boolean =>
  address.startsWith('127.') || address === '::1';
