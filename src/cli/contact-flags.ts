/** How nodes are contacted, by flags that no file has. Owns their names only. */

/** Of every command that contacts nodes; as commander gives them. */
export interface ContactFlags {
  readonly forks?: number;
  /** False: `--no-input`. */
  readonly input?: boolean;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
  /** What is asked of the nodes is said, and written to this file. */
  readonly v?: boolean;
  readonly logFile?: string;
}
