/** The cluster at a glance, for programs. */
import type { ClusterStatus } from '../../model/status.ts';
import { findingJson, pretty, unreadJson } from './json.ts';

export const statusJson = (status: ClusterStatus): string =>
  pretty({
    formatVersion: 1,
    cluster: status.cluster,
    nodes: status.nodes.map((node) => ({ ...node, version: node.version ?? null })),
    volumes: status.volumes,
    findings: status.findings.map(findingJson),
    unread: status.unread.map(unreadJson),
  });
