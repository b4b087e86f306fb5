/**
 * What `report/` may know of the terminal. Refuses to read the process itself, so that every view can be
 * tested with two arrays.
 */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly errIsTty: boolean;
  readonly outIsTty: boolean;
  readonly colour: boolean;
  readonly columns: number;
  /** Height; 24 when nobody knows. */
  readonly rows?: number;
}
