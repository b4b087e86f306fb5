/** Commands that contact no node: validate, schema, explain. */
import { clusterSchema } from '../../cluster-file/schema.ts';
import { didYouMean } from '../../core/suggest.ts';
import { failure, FailureError } from '../../core/failure.ts';
import { PAGES } from '../explained.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import type { Session } from '../session.ts';

export async function validateCommand(file: string, flags: SshFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const nodes = desired.nodes.filter((n) => n.replacedBy === undefined);
  const counts = `${String(nodes.length)} nodes, ${String(desired.volumes.length)} volumes`;
  session.terminal.out(`${file}: valid (cluster ${desired.cluster}, ${counts})\n`);
}

export function schemaCommand(session: Session): void {
  session.terminal.out(`${JSON.stringify(clusterSchema, null, 2)}\n`);
}

export function explainCommand(code: string | undefined, session: Session): void {
  if (code === undefined) {
    const width = Math.max(...PAGES.map((page) => page.code.length));
    session.terminal.out(PAGES.map((page) => `${page.code.padEnd(width)}  ${page.title}\n`).join(''));
    return;
  }
  const page = PAGES.find((each) => each.code === code);
  if (page === undefined) {
    const near = didYouMean(
      code,
      PAGES.map((each) => each.code),
    );
    throw new FailureError(
      failure('invalid-input', `there is no code "${code}"${near}`, {
        fix: '"glusterctl explain" without a code lists them all',
      }),
    );
  }
  const parts = page.parts.map(([name, text]) => `${name}\n  ${text.replaceAll('\n', '\n  ')}\n`);
  session.terminal.out([`${page.code}: ${page.title}\n`, ...parts].join('\n'));
}
