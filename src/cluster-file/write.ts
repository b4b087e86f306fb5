/**
 * Replaces the volumes of a cluster file. Owns how a volume is written; the rest of the file, comments
 * included, stays as it is, but for quotes that other readers of YAML need.
 */
import { isMap, parseDocument } from 'yaml';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { VolumeEntry } from '../model/desired.ts';
import { layoutKeys } from '../model/layout.ts';
import { quoteForAll } from './quoting.ts';

/**
 * `text` is a cluster file without mistakes. Fails where something outside of its volumes refers to an anchor
 * among them.
 */
export function withVolumes(text: string, volumes: readonly VolumeEntry[]): Result<string, Failure> {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: false, logLevel: 'silent' });
  if (isMap(document.contents)) document.contents.flow = false;
  document.set('volumes', document.createNode(new Map(volumes.map((v) => [v.name, written(v)]))));
  quoteForAll(document);
  try {
    return ok(document.toString({ lineWidth: 0 }));
  } catch (error) {
    return err(unwritable(error));
  }
}

/** The text without `inventory:`, and with these nodes in its place. */
export function withNodesWritten(text: string, nodes: unknown): Result<string, Failure> {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: false, logLevel: 'silent' });
  document.delete('inventory');
  document.set('nodes', document.createNode(nodes));
  try {
    return ok(document.toString({ lineWidth: 0 }));
  } catch (error) {
    return err(unwritable(error));
  }
}

const unwritable = (error: unknown): Failure =>
  failure('invalid-input', 'the file refers to an anchor inside its volumes', {
    cause: error instanceof Error ? error.message : String(error),
    fix: 'put the anchor under a key that begins with x-',
  });

function written(volume: VolumeEntry): Record<string, unknown> {
  const { state, transport, optionsMode, options, protect, rebalance } = volume;
  return {
    ...(state !== 'started' && { state }),
    ...layoutKeys(volume.layout),
    ...(transport !== 'tcp' && { transport }),
    bricks: volume.bricks.map((b) => `${b.node}:${b.path}`),
    ...(options.size > 0 && { options: new Map([...options].map(([k, v]) => [k, scalar(v)])) }),
    ...(optionsMode !== 'merge' && { optionsMode }),
    ...(rebalance !== 'auto' && { rebalance }),
    ...(protect && { protect }),
  };
}

/** A number that reads back as the same characters is written as a number. */
const scalar = (value: string): string | number =>
  /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
