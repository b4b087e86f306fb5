/**
 * The text format of glusterd's store (libglusterfs/src/store.c): one `key=value` a line. Reads it as
 * glusterd does: a last line without newline is not read, an empty value is an error, the first `=` splits.
 */
export interface StoreText {
  /** In file order; a repeated key is repeated. */
  readonly pairs: readonly (readonly [key: string, value: string])[];
  /** First value of each key. */
  readonly values: ReadonlyMap<string, string>;
  readonly problem: string | undefined;
}

const LINE_MAX_BYTES = 8191;

export function readStoreText(content: Buffer): StoreText {
  const text = content.toString('utf8');
  const pairs: [string, string][] = [];
  let problem: string | undefined;
  if (text === '') problem = 'is empty';
  else if (!text.endsWith('\n')) problem = 'has a last line without newline, which glusterd does not read';
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  complete.split('\n').forEach((line, i) => {
    if (line === '') return;
    const split = line.indexOf('=');
    if (split <= 0 || split === line.length - 1)
      problem ??= `line ${String(i + 1)} is not key=value: ${JSON.stringify(line.slice(0, 80))}`;
    else if (content.length > LINE_MAX_BYTES && Buffer.byteLength(line) > LINE_MAX_BYTES)
      problem ??= `line ${String(i + 1)} is longer than ${String(LINE_MAX_BYTES)} bytes`;
    else pairs.push([line.slice(0, split), line.slice(split + 1)]);
  });
  if (text.includes('\0')) problem ??= 'has a NUL in it, at which glusterd stops reading the line';
  // Undecodable bytes become U+FFFD; a U+FFFD of the file itself encodes to its own bytes again.
  if (text.includes('\uFFFD') && !Buffer.from(text).equals(content)) problem ??= 'is not UTF-8';
  const values = new Map<string, string>();
  for (const [key, value] of pairs) if (!values.has(key)) values.set(key, value);
  return { pairs, values, problem };
}
