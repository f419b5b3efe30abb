import { addressBytes, concat, fromBase64Url, random, toBase64Url, toHex, u32, u64, utf8, withLength } from "../media/bytes.js";
import { sha256 } from "../media/sha256.js";
import { providerId, publicKey, sign } from "../voucher/index.js";

// Signed headers and bodies of a node (docs/spec/node-api.md).

/** Seconds that a proof of whatever kind may be valid. */
export const MAX_PROOF_SECONDS = 300;

const begin = (domain: string, chainId: string, operator: Uint8Array) => concat(utf8(domain), withLength(utf8(chainId)), providerId(operator));

/** Who asks: an account that granted a session key. */
export interface Asker {
  /** the account's address, in bytes */
  owner: Uint8Array;
  /** the session key's 32 secret bytes */
  secret: Uint8Array;
}

/** What a session key signs to show who asks. */
export function authSignBytes(
  p: { owner: Uint8Array; work: Uint8Array; expires: number; nonce: Uint8Array }, chainId: string, operator: Uint8Array, method: string,
): Uint8Array {
  const m = new Uint8Array(8);
  m.set(utf8(method).subarray(0, 8));
  return concat(
    begin("streamchain/auth/v1", chainId, operator), sha256(concat(utf8("streamchain/owner/v1"), withLength(p.owner))), p.work, m, u64(p.expires), p.nonce,
  );
}

/** The value of Stream-Auth. work is the root work's digest; nonce is 16 bytes, random unless the request names one. */
export function authHeader(who: Asker, chainId: string, operator: string, work: Uint8Array, method: string, expires: number, nonce: Uint8Array = random(16)): string {
  const signature = sign(authSignBytes({ owner: who.owner, work, expires, nonce }, chainId, addressBytes(operator), method), who.secret);
  return ["v1", toBase64Url(who.owner), toBase64Url(publicKey(who.secret)), toBase64Url(work), expires, toBase64Url(nonce), toBase64Url(signature)].join(".");
}

/** What an account signs to upload a piece to a node. */
export function uploadSignBytes(u: { piece: Uint8Array; size: number; expires: number }, chainId: string, operator: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(begin("streamchain/upload/v1", chainId, operator), u.piece, u64(u.size), u64(u.expires));
}

/** The value of Stream-Upload; pubkey is the account's, signature as it signs transactions. */
export const uploadHeader = (u: { piece: Uint8Array; size: number; expires: number; pubkey: Uint8Array; signature: Uint8Array }): string =>
  ["v1", toBase64Url(u.piece), u.size, u.expires, toBase64Url(u.pubkey), toBase64Url(u.signature)].join(".");

/** The value of Stream-Pay: session id, ticks paid in all, word. */
export const payHeader = (session: Uint8Array, n: number, word: Uint8Array): string => `${toHex(session)}:${n}:${toBase64Url(word)}`;

/** Reads Stream-Pay. RangeError. */
export function parsePayHeader(s: string): { session: string; n: number; word: Uint8Array } {
  const m = /^([0-9a-f]{32}):(0|[1-9][0-9]{0,9}):([A-Za-z0-9_-]{43})$/.exec(s);
  if (!m || Number(m[2]) > 0xffffffff) throw new RangeError("wanted <session>:<n>:<word>");
  return { session: m[1]!, n: Number(m[2]), word: fromBase64Url(m[3]!) };
}

/** Reads Stream-Paid; undefined where it is none. */
export function parsePaid(s: string | null): { paid: number; used: number } | undefined {
  const m = /^(\d{1,10}):(\d{1,10})$/.exec(s ?? "");
  return m ? { paid: Number(m[1]), used: Number(m[2]) } : undefined;
}

/** A signed LaneIntent as JSON: 64-bit integers are strings, bytes standard base64. */
export interface LaneJSON {
  chain_id: string; escrow_owner: string; denom: string; provider: string; generation: string; cap: string; submit_by: string; expires: string;
  pubkey: string; signature: string;
}

/** Signed terms of a session as JSON. */
export interface SessionJSON {
  chain_id: string; escrow_owner: string; denom: string; provider: string; generation: string; session: string; work: string; price_per_tick: string;
  tick_seconds: number; max_ticks: number; root: string; expires: string; pubkey: string; signature: string; subscription?: string;
}

export interface LaneState {
  generation: string; cap: string; spent: string; expires: string; open: boolean; tx?: string;
}

export interface SessionState {
  id: string; paid: number; used: number; settled: number; open: boolean;
}

export interface OpenResponse {
  lane?: LaneState;
  session?: SessionState;
}

/** GET /v1/info. */
export interface NodeInfo {
  chain_id: string; operator: string; agent: string; endpoint: string; region: string; price_per_gib_day: string; capacity: string; free: string;
  max_upload: string; lanes: { min_cap: string; open_fee: string; min_seconds: number; max_seconds: number; margin_seconds: number };
  height: string; works: number; draining?: boolean; version: string;
}

/** A window of a work's keys. */
export interface KeyWindow {
  rendition: string;
  number: number;
}

/** How many windows one request for keys may name. */
export const MAX_KEY_WINDOWS = 16;

/** The body of POST /v1/keys. */
export interface KeysRequest {
  work: string;
  reply_key: string;
  windows: KeyWindow[];
  pay?: { session: SessionJSON; n: number; word: string };
}

/** Its answer. */
export interface KeysResponse {
  set_version: string;
  index: number;
  sealed: string[];
}

/** The nonce of the proof that goes with a request for keys: it ties the proof to the reply key, the windows and the ticks. */
export function keysNonce(replyKey: Uint8Array, windows: KeyWindow[], pay?: { signature: Uint8Array; n: number }): Uint8Array {
  return sha256(concat(
    utf8("streamchain/keys-request/v1"), Uint8Array.of(replyKey.length), replyKey, u32(windows.length),
    ...windows.flatMap((w) => [u32(utf8(w.rendition).length), utf8(w.rendition), u32(w.number)]),
    ...(pay ? [pay.signature, u32(pay.n)] : []),
  )).subarray(0, 16);
}

