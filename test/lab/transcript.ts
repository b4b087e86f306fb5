/**
 * What an admin sees of a fault on real hosts, for the page of its finding: gluster's own words, `doctor`,
 * `recover` and its end. Kept in docs/findings/transcripts with LAB_TRANSCRIPTS=1. The cluster file is called
 * cluster.yaml there, and a long answer of gluster is cut; nothing else is changed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { glusterctl } from './cluster.ts';

const FOLDER = join(import.meta.dirname, '../../docs/findings/transcripts');
const LINES_MAX = 12;

export const KEEPS_TRANSCRIPTS = process.env['LAB_TRANSCRIPTS'] === '1';

export class Transcript {
  readonly #parts: string[] = [];

  /** Of a long answer: the lines that show it, or the first ones. */
  onNode(node: string, command: string, says: RegExp, said: string): void {
    const lines = said.trimEnd().split('\n');
    const shown = lines.filter((line) => line.search(says) >= 0);
    const cut = shown.length > 0 ? shown : lines;
    const isLong = lines.length > LINES_MAX;
    const words = isLong ? [...cut.slice(0, LINES_MAX), '…'] : lines;
    this.#parts.push([`${node}# ${command}`, ...words].join('\n'));
  }

  /** Runs it for its words, whatever its exit code. */
  async runs(file: string, ...args: readonly string[]): Promise<void> {
    const { stdout, stderr } = await glusterctl(...args);
    this.says(file, args, stdout + stderr);
  }

  says(file: string, args: readonly string[], said: string): void {
    const words = ['$ glusterctl', ...args].join(' ');
    this.#parts.push(`${words}\n${said.trimEnd()}`.replaceAll(file, 'cluster.yaml'));
  }

  keep(code: string): void {
    writeFileSync(join(FOLDER, `${code}.txt`), `${this.#parts.join('\n\n')}\n`);
  }
}
