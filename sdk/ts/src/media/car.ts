import { concat, equal } from "./bytes.js";
import { CID, CID_LENGTH } from "./cid.js";
import { DagError, varintBytes } from "./dagpb.js";

// CARv1: what pieces and answers of gateways are written as.

const HEAD_A = Uint8Array.of(0xa2, 0x65, 0x72, 0x6f, 0x6f, 0x74, 0x73); // a map of two; "roots"
const HEAD_B = Uint8Array.of(0x67, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x01); // "version": 1

/** The header's section: canonical DAG-CBOR of {"roots": [...], "version": 1}. */
export function carHeader(roots: CID[]): Uint8Array<ArrayBuffer> {
  if (roots.length < 1 || roots.length > 23) throw new RangeError(`a CAR has 1 to 23 roots, not ${roots.length}`);
  const links = roots.map((r) => concat(Uint8Array.of(0xd8, 0x2a, 0x58, CID_LENGTH + 1, 0), r.bytes));
  const h = concat(HEAD_A, Uint8Array.of(0x80 | roots.length), ...links, HEAD_B);
  return concat(varintBytes(h.length), h);
}

/** What stands before a block in a CAR. */
export function carPrefix(cid: CID, length: number): Uint8Array<ArrayBuffer> {
  return concat(varintBytes(CID_LENGTH + length), cid.bytes);
}

const MAX_HEADER = 4 << 10, MAX_BLOCK = (2 << 20) + 128;

/** Reads a CAR's header and blocks. Blocks are not verified: who takes one holds it to its CID. DagError. */
export function* readCar(b: Uint8Array<ArrayBuffer>): Generator<{ cid: CID; data: Uint8Array<ArrayBuffer>; roots: CID[] }, void, void> {
  let at = 0;
  const varint = (): number => {
    let n = 0, factor = 1;
    for (let i = 0; i < 5; i++) {
      const v = b[at++];
      if (v === undefined) throw new DagError("the CAR is cut off");
      n += (v & 0x7f) * factor;
      if (v < 0x80) return n;
      factor *= 128;
    }
    throw new DagError("the CAR has a section without a length");
  };
  const section = (most: number): Uint8Array<ArrayBuffer> => {
    const n = varint();
    if (n < 1 || n > most) throw new DagError(`the CAR has a section of ${n} bytes`);
    if (n > b.length - at) throw new DagError("the CAR is cut off");
    at += n;
    return b.subarray(at - n, at);
  };
  const roots = readHeader(section(MAX_HEADER));
  while (at < b.length) {
    const s = section(MAX_BLOCK);
    let cid: CID;
    try {
      cid = CID.fromBytes(s.subarray(0, CID_LENGTH));
    } catch (e) {
      throw new DagError(`the CAR has a block of another kind: ${(e as Error).message}`);
    }
    yield { cid, data: s.subarray(CID_LENGTH), roots };
  }
}

/** The roots of a header, which has one encoding. */
function readHeader(h: Uint8Array): CID[] {
  const n = (h[HEAD_A.length] ?? 0) - 0x80;
  const length = HEAD_A.length + 1 + n * (CID_LENGTH + 5) + HEAD_B.length;
  if (n < 0 || n > 23 || h.length !== length || !equal(h.subarray(0, HEAD_A.length), HEAD_A)) throw new DagError("the CAR has no header of version 1");
  const roots: CID[] = [];
  for (let i = 0, at = HEAD_A.length + 1; i < n; i++, at += CID_LENGTH + 5) {
    try {
      roots.push(CID.fromBytes(h.subarray(at + 5, at + 5 + CID_LENGTH)));
    } catch {
      throw new DagError("the CAR has a root of another kind");
    }
  }
  if (n > 0 && !equal(carHeader(roots).subarray(-length), h)) throw new DagError("the CAR has no header of version 1");
  return roots;
}
