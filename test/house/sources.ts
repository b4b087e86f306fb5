/**
 * The files of the project and who imports whom, read as text: these tests judge the house, not what it does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Paths from the root, sorted. */
export const filesUnder = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();

export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

export interface Import {
  readonly from: string;
  /** A path from the root for a file of the project; otherwise what was written. */
  readonly to: string;
}

/** Every import and export-from, type-only and dynamic ones included. */
export const importsOf = (file: string): readonly Import[] =>
  ts.preProcessFile(read(file), true, true).importedFiles.map(({ fileName }) => ({
    from: file,
    to: fileName.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), fileName)) : fileName,
  }));
