/**
 * Cluster file text → YAML document → tree. Refuses what is too large, too deep, or not YAML.
 */
import { Composer, Lexer, LineCounter, Parser, type CST, type Document } from 'yaml';
import type { YAMLError } from 'yaml';
import { mistake, type Mistake } from './mistake.ts';
import { FILE_BYTES_MAX, YAML_DEPTH_MAX } from './limits.ts';
import { byteLength, printable } from './text.ts';
import { plantTree, type Tree } from './tree.ts';

interface Parsed {
  readonly root: Tree | undefined;
  readonly findings: readonly Mistake[];
  readonly lines: LineCounter;
}

/** What messages call the file, and why it may not have tags. */
interface Kind {
  readonly name: string;
  readonly noTags: string;
}

const CLUSTER_FILE: Kind = { name: 'a cluster file', noTags: 'a cluster file must not have YAML tags' };

export function parseYaml(text: string, kind = CLUSTER_FILE): Parsed {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const refuse = (...findings: Mistake[]): Parsed => ({ root: undefined, findings, lines });
  if (text.length > FILE_BYTES_MAX || byteLength(text) > FILE_BYTES_MAX)
    return refuse(mistake(0, [], `the file is larger than ${String(FILE_BYTES_MAX / 1024 / 1024)} MiB`));

  const tokens = tokenize(text, lines);
  if (!Array.isArray(tokens)) return refuse(tokens);

  const options = { version: '1.2', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
  const documents = [...new Composer(options).compose(tokens, true, text.length)];
  const findings = documents.flatMap((document) => documentMistakes(document, kind));
  const [document, second] = documents;
  if (second !== undefined)
    findings.push(
      mistake(second.range[0], [], `a second YAML document starts here; ${kind.name} is one document`),
    );
  if (document === undefined || findings.length > 0) return refuse(...findings);
  return { ...plantTree(document.contents), lines };
}

/**
 * Bounds the depth. The parser keeps its own stack, but what comes after it recurses.
 */
function tokenize(text: string, lines: LineCounter): CST.Token[] | Mistake {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // Two entries are the document and its first scalar.
    if (parser.stack.length > YAML_DEPTH_MAX + 2)
      return mistake(parser.offset, [], `nested deeper than ${String(YAML_DEPTH_MAX)} levels`);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function documentMistakes(document: Document.Parsed, kind: Kind): Mistake[] {
  const findings = firstOfEachPlace(document.errors).map((error) =>
    mistake(error.pos[0], [], yamlReason(error)),
  );
  const tags = document.warnings.filter((warning) => warning.code === 'TAG_RESOLVE_FAILED');
  findings.push(...tags.map((warning) => mistake(warning.pos[0], [], kind.noTags)));
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== '1.2')
    findings.push(
      mistake(
        0,
        [],
        `the file says YAML ${version}; cluster files are YAML 1.2, where "on" and "yes" are text`,
      ),
    );
  return findings;
}

/** The parser reports one mistake several times at the same characters. */
function firstOfEachPlace(errors: readonly YAMLError[]): YAMLError[] {
  const seen = new Set<number>();
  return errors.filter(({ pos: [start] }) => {
    const first = !seen.has(start);
    seen.add(start);
    return first;
  });
}

function yamlReason(error: YAMLError): string {
  if (error.code === 'TAB_AS_INDENT') return 'not valid YAML: this is a tab; lines are indented with spaces';
  return `not valid YAML: ${printable(error.message)}`;
}
