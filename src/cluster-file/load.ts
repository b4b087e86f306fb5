/**
 * From the text of a cluster file to what the cluster should be: parse, check the shape, apply the rules,
 * normalise. Reports all mistakes together; reads no file and asks no node.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Desired } from '../model/desired.ts';
import { inventoryUnread, type NodeElsewhere, withNodes } from './inventory.ts';
import { pathText, toDiagnostics } from './mistake.ts';
import { normalize, type Surroundings } from './normalize.ts';
import { parseYaml } from './parse.ts';
import { RULES } from './rules/index.ts';
import { checkShape } from './shape.ts';
import { readWritten } from './written.ts';

export interface LoadContext extends Surroundings {
  /** What was found in the inventory that the file names. */
  readonly inventory?: readonly NodeElsewhere[] | undefined;
}

export type Loaded =
  | { readonly ok: true; readonly value: Desired; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly error: readonly Diagnostic[] };

/** `file` is the name for messages, as the user gave it. */
export function loadDesired(text: string, file: string, context: LoadContext): Loaded {
  const { root: plain, findings: broken, lines } = parseYaml(text);
  if (plain === undefined) return { ok: false, error: toDiagnostics(broken, lines, file) };
  const root = context.inventory === undefined ? plain : withNodes(plain, context.inventory);

  const shape = checkShape(root);
  const written = readWritten(root, lines);
  const judged = [
    ...shape.findings,
    ...(context.inventory === undefined ? inventoryUnread(root) : []),
    ...RULES.flatMap((rule) => rule(written)),
  ];
  // An alias without its anchor is one mistake: what follows from it at the same place is not a second one.
  const places = new Set(broken.map((finding) => pathText(finding.path)));
  const findings = [...broken, ...judged.filter((finding) => !places.has(pathText(finding.path)))];
  const mistakes = findings.filter((finding) => finding.severity === 'error');
  if (shape.file === undefined || mistakes.length > 0)
    return { ok: false, error: toDiagnostics(mistakes, lines, file) };

  const value = normalize({ file: shape.file, written }, lines, file, context);
  return { ok: true, value, warnings: toDiagnostics(findings, lines, file) };
}
