/** A mistake in the user's own input, with its place in the file. All of them are reported together. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** File name as the user gave it (`-` for standard input). */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Keys and list positions from the top of the file, where it is about one of them. */
  readonly path?: readonly (string | number)[];
}

export const formatDiagnostic = (d: Diagnostic): string =>
  `${d.file}:${String(d.line)}:${String(d.column)}: ` +
  `${d.severity === 'warning' ? 'warning: ' : ''}${d.message}`;

/** All mistakes of a file together, thrown where a return value cannot carry them. */
export class InvalidFile extends Error {
  override readonly name = 'InvalidFile';
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'));
    this.diagnostics = diagnostics;
  }
}
