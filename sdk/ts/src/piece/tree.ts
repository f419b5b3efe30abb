// BLAKE3's tree by its nodes: hash functions give the root only, a proof needs what lies beneath.

const IV = Uint32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
const ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const START = 1, END = 2, PARENT = 4, ROOT = 8;

function compress(cv: Uint32Array, block: Uint8Array, counter: number, flags: number): Uint32Array {
  const padded = new Uint8Array(64);
  padded.set(block);
  const view = new DataView(padded.buffer);
  let m = Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i, true));
  const v = new Uint32Array(16);
  v.set(cv);
  v.set(IV.subarray(0, 4), 8);
  v[12] = counter >>> 0;
  v[13] = Math.floor(counter / 2 ** 32);
  v[14] = block.length;
  v[15] = flags;
  const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n));
  const g = (a: number, b: number, c: number, d: number, x: number, y: number) => {
    v[a] = v[a]! + v[b]! + x;
    v[d] = rotate(v[d]! ^ v[a]!, 16);
    v[c] = v[c]! + v[d]!;
    v[b] = rotate(v[b]! ^ v[c]!, 12);
    v[a] = v[a]! + v[b]! + y;
    v[d] = rotate(v[d]! ^ v[a]!, 8);
    v[c] = v[c]! + v[d]!;
    v[b] = rotate(v[b]! ^ v[c]!, 7);
  };
  for (let round = 0; round < 7; round++) {
    for (let i = 0; i < 4; i++) g(i, 4 + i, 8 + i, 12 + i, m[2 * i]!, m[2 * i + 1]!);
    for (let i = 0; i < 4; i++) g(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4), m[8 + 2 * i]!, m[9 + 2 * i]!);
    m = ORDER.map((i) => m[i]!);
  }
  return Uint32Array.from({ length: 8 }, (_, i) => v[i]! ^ v[i + 8]!);
}

function toBytes(words: Uint32Array): Uint8Array {
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  words.forEach((w, i) => view.setUint32(4 * i, w, true));
  return out;
}

/** The hash of a leaf, the index-th of its piece. top: it is the whole piece. */
export function chunk(b: Uint8Array, index: number, top: boolean): Uint8Array {
  let cv: Uint32Array = IV;
  for (let at = 0; at === 0 || at < b.length; at += 64) {
    const last = at + 64 >= b.length;
    cv = compress(cv, b.subarray(at, at + 64), index, (at === 0 ? START : 0) | (last ? END | (top ? ROOT : 0) : 0));
  }
  return toBytes(cv);
}

/** The hash of a node of two children. top: it is the piece's root. */
export function parent(left: Uint8Array, right: Uint8Array, top: boolean): Uint8Array {
  const b = new Uint8Array(64);
  b.set(left);
  b.set(right, 32);
  return toBytes(compress(IV, b, 0, PARENT | (top ? ROOT : 0)));
}
