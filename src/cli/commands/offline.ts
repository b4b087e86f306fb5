/** Commands that contact no node: validate, schema, explain. */
import { clusterSchema } from '../../cluster-file/schema.ts';
import { didYouMean } from '../../core/suggest.ts';
import { failure, FailureError } from '../../core/failure.ts';
import { FINDINGS } from '../../findings/index.ts';
import { PLANNER_CODES } from '../../plan/codes.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import type { Session } from '../session.ts';

export async function validateCommand(file: string, flags: SshFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const counts = `${String(desired.nodes.length)} nodes, ${String(desired.volumes.length)} volumes`;
  session.terminal.out(`${file}: valid (cluster ${desired.cluster}, ${counts})\n`);
}

export function schemaCommand(session: Session): void {
  session.terminal.out(`${JSON.stringify(clusterSchema, null, 2)}\n`);
}

const EXPLAINED = [...FINDINGS, ...PLANNER_CODES];

export function explainCommand(code: string | undefined, session: Session): void {
  if (code === undefined) {
    const width = Math.max(...EXPLAINED.map((f) => f.code.length));
    session.terminal.out(
      `${EXPLAINED.map((f) => `${f.code.padEnd(width)}  ${f.explain.title}`)
        .sort()
        .join('\n')}\n`,
    );
    return;
  }
  const spec = EXPLAINED.find((f) => f.code === code);
  if (spec === undefined)
    throw new FailureError(
      failure(
        'invalid-input',
        `there is no finding "${code}"${didYouMean(
          code,
          EXPLAINED.map((f) => f.code),
        )}`,
        {
          fix: '"glusterctl explain" without a code lists them all',
        },
      ),
    );
  const { title, meaning, cause, looksAt, repair, risk, byHand } = spec.explain;
  const part = (name: string, text: string): string => `${name}\n  ${text}\n`;
  session.terminal.out(
    [
      `${spec.code}: ${title}\n`,
      part('What it means', meaning),
      part('How it comes about', cause),
      part('What is checked', looksAt),
      part('Repair', repair),
      part('Risk', risk),
      part('By hand', byHand.map((line, i) => `${String(i + 1)}. ${line}`).join('\n  ')),
    ].join('\n'),
  );
}
