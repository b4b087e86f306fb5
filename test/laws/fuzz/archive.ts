/**
 * Writes a tar stream with arbitrary headers and valid checksums, as a hostile node would send it.
 */
export interface Member {
  readonly path: string;
  readonly content: Buffer;
  readonly type?: '0' | '5' | 'L' | 'x' | '2';
  readonly size?: string;
  readonly mtime?: string;
}

const BLOCK = 512;

function header({ path, content, type = '0', size, mtime = '00000000000' }: Member): Buffer {
  const head = Buffer.alloc(BLOCK);
  head.write(path, 0, 100, 'latin1');
  head.write('0000600\0', 100, 'latin1');
  head.write(size ?? content.length.toString(8).padStart(11, '0'), 124, 12, 'latin1');
  head.write(mtime, 136, 12, 'latin1');
  head.write('        ', 148, 'latin1');
  head.write(type, 156, 'latin1');
  head.write('ustar  \0', 257, 'latin1');
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return head;
}

export function archive(members: readonly Member[]): Buffer {
  const parts = members.flatMap((m) => [
    header(m),
    m.content,
    Buffer.alloc((BLOCK - (m.content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}
