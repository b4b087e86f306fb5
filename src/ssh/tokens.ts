/**
 * The tokens of ssh_config that `ssh -G` prints unexpanded: `%h`, `~` and `${NAME}`. Refuses what could not
 * be put into a command safely.
 */
export interface Tokens {
  /** As it was given to ssh. */
  readonly destination: string;
  readonly hostName: string;
  readonly hostKeyAlias: string | undefined;
  readonly port: number;
  readonly user: string;
  readonly local: LocalSide;
}

/** This machine, as ssh sees it. */
export interface LocalSide {
  readonly user: string;
  readonly uid: number;
  /** From the user database: OpenSSH ignores HOME. */
  readonly home: string;
  /** As HOME says: the built-in defaults are there. */
  readonly ownHome: string;
  readonly hostName: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function percent(text: string, tokens: Tokens): string {
  const { local } = tokens;
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: local.home,
    h: tokens.hostName,
    i: String(local.uid),
    k: tokens.hostKeyAlias ?? tokens.destination,
    L: local.hostName.split('.')[0] ?? '',
    l: local.hostName,
    n: tokens.destination,
    p: String(tokens.port),
    r: tokens.user,
    u: local.user,
  };
  return text.replaceAll(/%(.)/g, (whole, letter: string) => values[letter] ?? whole);
}

/** A path as ssh would open it. */
export function expandPath(text: string, tokens: Tokens): string {
  const { home, env } = tokens.local;
  const named = text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole);
  return percent(named.replace(/^~(?=\/|$)/, home), tokens);
}

/** No character of it means anything to a shell. */
const PLAIN = /^[\w.:@%+,=-]+$/;

/** A ProxyCommand, ready for the shell; undefined where a value in it could mean something to the shell. */
export function expandCommand(command: string, tokens: Tokens): string | undefined {
  const values = [tokens.destination, tokens.hostName, tokens.user, tokens.hostKeyAlias ?? ''];
  if (values.some((value) => value !== '' && (!PLAIN.test(value) || value.startsWith('-')))) return undefined;
  return percent(command, tokens);
}
