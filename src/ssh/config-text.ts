/**
 * What `ssh -G` prints, and what of it was configured. Owns the comparison with OpenSSH's own defaults,
 * because its output shows both alike. Pure.
 */

/** Values by keyword in small letters, in the order of the output. */
export type ConfigText = ReadonlyMap<string, readonly string[]>;

export function readConfigText(output: string): ConfigText {
  const values = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const [, key, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const name = key.toLowerCase();
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

/** The effective configuration of one host. */
export class HostConfig {
  readonly #text: ConfigText;
  readonly #defaults: ConfigText;

  /** `defaults`: what the same ssh prints where nothing is configured. */
  constructor(text: ConfigText, defaults: ConfigText) {
    this.#text = text;
    this.#defaults = defaults;
  }

  /** What is in effect, configured or not. */
  effective(key: string): string | undefined {
    return this.#text.get(key)?.[0];
  }

  /** All values of a keyword; undefined where they are OpenSSH's own. */
  configured(key: string): readonly string[] | undefined {
    const [values, defaults] = [this.#text.get(key), this.#defaults.get(key)];
    return values === undefined || values.join('\n') === defaults?.join('\n') ? undefined : values;
  }

  first(key: string): string | undefined {
    return this.configured(key)?.[0];
  }

  /** A list with commas. */
  list(key: string): readonly string[] | undefined {
    return this.first(key)?.split(',');
  }

  /** Paths with blanks between them. A path may hold blanks itself: each begins with `/` or `~`. */
  paths(key: string): readonly string[] | undefined {
    const text = this.first(key);
    return text === 'none' ? [] : text?.split(/ (?=[/~])/);
  }

  /** A number that was configured; undefined for `none` too. */
  number(key: string): number | undefined {
    const value = Number(this.first(key) ?? NaN);
    return Number.isInteger(value) ? value : undefined;
  }
}
