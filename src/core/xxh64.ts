/**
 * XXH64, seed 0, as glusterd uses it to name a brick's socket. Written from the public specification (xxHash,
 * "XXH64 algorithm description").
 */
const MASK = (1n << 64n) - 1n;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const mul = (a: bigint, b: bigint): bigint => (a * b) & MASK;
const rotl = (x: bigint, r: bigint): bigint => ((x << r) | (x >> (64n - r))) & MASK;
const round = (acc: bigint, input: bigint): bigint => mul(rotl((acc + mul(input, P2)) & MASK, 31n), P1);
const merge = (acc: bigint, value: bigint): bigint => (mul(acc ^ round(0n, value), P1) + P4) & MASK;

/** 16 lower-case hex digits (the canonical, big-endian form). */
export function xxh64(text: string): string {
  const data = Buffer.from(text, 'utf8');
  let at = 0;
  let h = P5;
  if (data.length >= 32) {
    const lanes: [bigint, bigint, bigint, bigint] = [(P1 + P2) & MASK, P2, 0n, -P1 & MASK];
    for (; at + 32 <= data.length; at += 32)
      for (const i of [0, 1, 2, 3] as const) lanes[i] = round(lanes[i], data.readBigUInt64LE(at + i * 8));
    const [a, b, c, d] = lanes;
    h = (rotl(a, 1n) + rotl(b, 7n) + rotl(c, 12n) + rotl(d, 18n)) & MASK;
    for (const lane of lanes) h = merge(h, lane);
  }
  h = (h + BigInt(data.length)) & MASK;
  for (; at + 8 <= data.length; at += 8)
    h = (mul(rotl(h ^ round(0n, data.readBigUInt64LE(at)), 27n), P1) + P4) & MASK;
  if (at + 4 <= data.length) {
    h = (mul(rotl(h ^ mul(BigInt(data.readUInt32LE(at)), P1), 23n), P2) + P3) & MASK;
    at += 4;
  }
  for (; at < data.length; at++) h = mul(rotl(h ^ mul(BigInt(data[at] ?? 0), P5), 11n), P1);
  h = mul(h ^ (h >> 33n), P2);
  h = mul(h ^ (h >> 29n), P3);
  return (h ^ (h >> 32n)).toString(16).padStart(16, '0');
}
