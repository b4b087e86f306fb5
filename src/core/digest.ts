/** A short, stable fingerprint of text, for comparing and for naming; not a secret. */
import { createHash } from 'node:crypto';

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
