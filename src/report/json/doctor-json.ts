/** What is wrong with a cluster, for programs. */
import type { Finding } from '../../model/plan.ts';
import { findingJson, pretty } from './json.ts';

export const doctorJson = (cluster: string, findings: readonly Finding[]): string =>
  pretty({ formatVersion: 1, cluster, findings: findings.map(findingJson) });
