import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { InvalidError } from "./errors.js";

/** The prefix of accounts' addresses. */
export const ADDRESS_PREFIX = "stream";
/** The prefix of validators' addresses. */
export const VALIDATOR_PREFIX = "streamvaloper";
/** The prefix of creators' ids: another one than accounts', so that coins cannot be sent to a creator as if to an account. */
export const CREATOR_PREFIX = "streamcreator";

const LENGTH = 20;

/** The text of an address: bytes under a prefix. */
export const bech32Text = (prefix: string, bytes: Uint8Array): string => bech32.encode(prefix, bech32.toWords(bytes));

/** The bytes of a text that has this prefix, in its one spelling. InvalidError otherwise. */
export function bech32Bytes(prefix: string, text: string): Uint8Array {
  let bytes: Uint8Array | undefined;
  try {
    const got = bech32.decode(text as `${string}1${string}`, 120);
    if (got.prefix === prefix) bytes = bech32.fromWords(got.words);
  } catch {
    // said below
  }
  if (!bytes || bech32Text(prefix, bytes) !== text) throw new InvalidError("address", `${quote(text)} is not written as ${prefix}1…; check it for typing errors`);
  return bytes;
}

/** Says whether a text is an account's address. */
export const isAddress = (text: string): boolean => is(() => addressBytes(text));

/** The bytes of an account's address: 20, or 32 of module accounts that are derived. InvalidError otherwise. */
export function addressBytes(address: string): Uint8Array {
  const bytes = bech32Bytes(ADDRESS_PREFIX, address);
  if (bytes.length !== LENGTH && bytes.length !== 32) throw new InvalidError("address", `${quote(address)} is too short or too long for an address`);
  return bytes;
}

/** The id of the creator that an account becomes, whoever controls it later. */
export function creatorId(controller: string): string {
  const tag = new TextEncoder().encode("streamchain/creator/v1");
  const account = addressBytes(controller);
  const bytes = new Uint8Array(tag.length + account.length);
  bytes.set(tag);
  bytes.set(account, tag.length);
  return bech32Text(CREATOR_PREFIX, sha256(bytes).subarray(0, LENGTH));
}

/** The address of a module's account: `moduleAddress("governance")` is the treasury. */
export const moduleAddress = (module: string): string => bech32Text(ADDRESS_PREFIX, sha256(new TextEncoder().encode(module)).subarray(0, LENGTH));

/** Says whether a text is a creator's id. */
export const isCreatorId = (text: string): boolean => is(() => {
  if (bech32Bytes(CREATOR_PREFIX, text).length !== LENGTH) throw new InvalidError("creator", text);
});

/** Says whether a text has the form of a work's id: a CIDv1 of dag-cbor and sha2-256 in base32. */
export const isWorkId = (text: string): boolean => /^bafyrei[a-z2-7]{52}$/.test(text);

/** An address or id for people: its ends, which is what they compare. */
export function shorten(text: string): string {
  const at = text.startsWith(ADDRESS_PREFIX) ? text.indexOf("1") + 1 : 0;
  return text.length - at <= 14 ? text : `${text.slice(0, at + 6)}…${text.slice(-6)}`;
}

const quote = (text: string): string => JSON.stringify(text.length > 80 ? text.slice(0, 80) + "…" : text);

function is(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
