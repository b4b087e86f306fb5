/**
 * What `doctor` prints of a fault on real hosts, kept for the page of its finding: with LAB_TRANSCRIPTS=1,
 * into docs/findings/transcripts. The file is called cluster.yaml there; nothing else is changed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { glusterctl } from './cluster.ts';

const FOLDER = join(import.meta.dirname, '../../docs/findings/transcripts');

export async function keepTranscript(code: string | undefined, file: string): Promise<void> {
  if (process.env['LAB_TRANSCRIPTS'] !== '1' || code === undefined) return;
  const { stdout } = await glusterctl('doctor', file);
  const text = `$ glusterctl doctor cluster.yaml\n${stdout.replaceAll(file, 'cluster.yaml')}`;
  writeFileSync(join(FOLDER, `${code}.txt`), text);
}
