/**
 * Whether two spellings of an option's value mean the same to gluster. Follows the readers in gluster's
 * `libglusterfs/src/common-utils.c`; where the kind of an option is not known and the spellings leave a
 * doubt, they differ: a needless `volume set` is harmless, a change that is never made is not.
 */

/** The `GF_OPTION_TYPE_…` of gluster's `options.h`, as far as they change what "equal" means. */
export type OptionKind =
  | 'boolean'
  | 'integer'
  | 'size'
  | 'percent'
  | 'percent-or-size'
  | 'time'
  | 'double'
  | 'address-list'
  | 'string';

export function sameOptionValue(name: string, a: string, b: string, kind?: OptionKind): boolean {
  if (a === b) return true;
  // `cli_cmd_volume_set_parse` strips the ends of every value but those of user.*, which gluster never
  // interprets.
  if (name.startsWith('user.')) return false;
  const [x, y] = [a.trim(), b.trim()];
  if (x === y) return true;
  const known = kind ?? (ADDRESS_LISTS.has(name) ? 'address-list' : undefined);
  if (known === undefined) return sameWhateverItIs(x, y);
  const read = READERS[known];
  const meaning = read(x);
  return meaning !== undefined && meaning === read(y);
}

/** A reader gives a canonical text for what gluster would read, undefined for what gluster would refuse. */
type Reader = (text: string) => string | undefined;

const ADDRESS_LISTS: ReadonlySet<string> = new Set(['auth.allow', 'auth.reject']);

// gf_string2boolean: strcasecmp with exactly these; "enabled" is not among them.
const TRUE_WORDS: ReadonlySet<string> = new Set(['on', 'yes', 'true', 'enable']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['off', 'no', 'false', 'disable']);

const boolean: Reader = (text) => {
  const word = text.toLowerCase();
  if (word === '1' || TRUE_WORDS.has(word)) return 'true';
  if (word === '0' || FALSE_WORDS.has(word)) return 'false';
  return undefined;
};

/** Whether gluster reads a boolean option as on; undefined: it is no boolean. */
export function isOn(value: string): boolean | undefined {
  const meaning = boolean(value.trim());
  return meaning === undefined ? undefined : meaning === 'true';
}

const BYTES_PER_UNIT: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['b', 1n],
  ['kb', 1024n],
  ['mb', 1024n ** 2n],
  ['gb', 1024n ** 3n],
  ['tb', 1024n ** 4n],
  ['pb', 1024n ** 5n],
]);

// gf_string2bytesize_range: decimal digits (a leading 0 is not octal), any fraction cut off after
// multiplying; "KiB" and "K" are refused.
const size: Reader = (text) => {
  const [, number = '', suffix = ''] = /^\+?(\d+(?:\.\d*)?|\.\d+)([kmgtp]?b)?$/i.exec(text) ?? [];
  const unit = BYTES_PER_UNIT.get(suffix.toLowerCase());
  if (number === '' || number.length > 30 || unit === undefined) return undefined;
  if (!number.includes('.')) return String(BigInt(number) * unit);
  return String(Math.trunc(Number(number) * Number(unit)));
};

// gf_string2longlong: strtoll with base 0, so 010 is eight and 0x10 sixteen; 08 is refused.
const integer: Reader = (text) => {
  const [, sign = '', number] = /^([+-]?)(0x[0-9a-f]{1,16}|0[0-7]{0,22}|[1-9]\d{0,18})$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const value = BigInt(/^0[0-7]+$/.test(number) ? `0o${number.slice(1)}` : number);
  return String(sign === '-' ? -value : value);
};

const SECONDS_PER_UNIT: ReadonlyMap<string, bigint> = new Map([
  ...['', 's', 'sec'].map((unit) => [unit, 1n] as const),
  ...['m', 'min'].map((unit) => [unit, 60n] as const),
  ...['h', 'hr'].map((unit) => [unit, 3600n] as const),
  ...['d', 'days'].map((unit) => [unit, 86_400n] as const),
  ...['w', 'wk'].map((unit) => [unit, 604_800n] as const),
]);

// gf_string2time: the number as in `integer`, units in lower case only; "hours", "day" and "weeks" are
// refused.
const time: Reader = (text) => {
  const [, number = '', suffix = ''] = /^([^a-z]*)([a-z]*)$/.exec(text) ?? [];
  const unit = SECONDS_PER_UNIT.get(suffix);
  const value = integer(number);
  if (unit === undefined || value === undefined || value.startsWith('-')) return undefined;
  return String(BigInt(value) * unit);
};

const DECIMAL = /^\+?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$/i;
const decimal: Reader = (text) => (DECIMAL.test(text) ? String(Number(text)) : undefined);

// gf_string2percent: a bare number and one with "%" are the same.
const percent: Reader = (text) => decimal(text.endsWith('%') ? text.slice(0, -1) : text);

// gf_string2percent_or_bytesize: here "10" means ten bytes, so it is not "10%"; and a bare "B" is refused.
const percentOrSize: Reader = (text) => {
  if (!text.endsWith('%')) return /\db$/i.test(text) ? undefined : size(text);
  const value = decimal(text.slice(0, -1));
  return value === undefined ? undefined : `${value}%`;
};

// addr.c tries every pattern of the list in turn, so neither order nor repetition matters.
const addressList: Reader = (text) => {
  const patterns = text.split(',').map((pattern) => pattern.trim());
  return [...new Set(patterns.filter((pattern) => pattern !== ''))].sort().join(',');
};

const READERS: Readonly<Record<OptionKind, Reader>> = {
  boolean,
  integer,
  size,
  time,
  percent,
  double: decimal,
  'percent-or-size': percentOrSize,
  'address-list': addressList,
  string: (text) => text,
};

/** Only readings that a spelling announces itself: a boolean word on one side, a unit of size or of time. */
function sameWhateverItIs(a: string, b: string): boolean {
  const isWord = (text: string) => boolean(text) !== undefined && !/^[01]$/.test(text);
  if (isWord(a) || isWord(b)) return boolean(a) === boolean(b);
  for (const read of [size, time]) {
    const announced = [a, b].some((text) => /[a-z]$/i.test(text) && read(text) !== undefined);
    // Without a unit a leading 0 is octal to one reader and not to the other: a doubt.
    const doubtful = [a, b].some((text) => /^\+?0\d/.test(text));
    if (announced && !doubtful && read(a) !== undefined && read(a) === read(b)) return true;
  }
  return false;
}
