/** What is wrong with a cluster, for programs; and which nodes that is not known of. */
import type { Failure } from '../../core/failure.ts';
import type { Finding } from '../../model/plan.ts';
import { findingJson, pretty, unreadJson } from './json.ts';

export const doctorJson = (
  cluster: string,
  findings: readonly Finding[],
  unread: readonly Failure[] = [],
  without: readonly string[] = [],
): string =>
  pretty({
    formatVersion: 1,
    cluster,
    findings: findings.map(findingJson),
    unread: unread.map(unreadJson),
    ...(without.length > 0 && { without }),
  });
