import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Coin } from "../core/amounts.js";
import { InvalidError } from "../core/errors.js";
import type { Msg } from "../core/msg.js";
import { PubKey } from "../gen/cosmos/crypto/secp256k1/keys.js";
import { SignMode } from "../gen/cosmos/tx/signing/v1beta1/signing.js";
import { AuthInfo, TxBody, TxRaw } from "../gen/cosmos/tx/v1beta1/tx.js";

export interface Fee {
  amount: Coin[];
  gas: bigint;
  /** Whose allowance (x/feegrant) pays it. */
  granter?: string;
}

/** The bytes of a transaction's body. */
export const bodyBytes = (msgs: readonly Msg[], memo = "", timeoutHeight = 0n): Uint8Array =>
  TxBody.encode(TxBody.fromPartial({ messages: [...msgs] as { typeUrl: string; value: Uint8Array }[], memo, timeoutHeight })).finish();

/** The bytes of who signs, with which sequence, and for which fee. */
export function authInfoBytes(pubkey: Uint8Array, sequence: bigint, fee: Fee): Uint8Array {
  return AuthInfo.encode(AuthInfo.fromPartial({
    signerInfos: [{
      publicKey: { typeUrl: "/cosmos.crypto.secp256k1.PubKey", value: PubKey.encode({ key: pubkey }).finish() },
      modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } }, sequence,
    }],
    fee: { amount: fee.amount, gasLimit: fee.gas, payer: "", granter: fee.granter ?? "" },
  })).finish();
}

/** The bytes of a whole transaction. */
export const txBytes = (body: Uint8Array, authInfo: Uint8Array, signature: Uint8Array): Uint8Array => TxRaw.encode({ bodyBytes: body, authInfoBytes: authInfo, signatures: [signature] }).finish();

/** The name of a transaction: SHA-256 of its bytes. */
export const txHash = (tx: Uint8Array): string => [...sha256(tx)].map((b) => b.toString(16).padStart(2, "0")).join("").toUpperCase();

/** A gas price such as "0.001ustream" as a fraction, so that no fee is ever a float. */
export function parseGasPrice(text: string): { numerator: bigint; denominator: bigint; denom: string } {
  const found = /^(\d{1,20})(?:\.(\d{1,18}))?([a-zA-Z][\w/:.-]{2,127})$/.exec(text);
  if (!found) throw new InvalidError("gasPrice", `${JSON.stringify(text)} is no gas price; write it as 0.001ustream`);
  const [, whole, decimals = "", denom] = found as unknown as [string, string, string | undefined, string];
  return { numerator: BigInt(whole + decimals), denominator: 10n ** BigInt(decimals.length), denom };
}

/** What gas costs, rounded up. */
export function feeOf(gas: bigint, gasPrice: string): Coin {
  const { numerator, denominator, denom } = parseGasPrice(gasPrice);
  return { denom, amount: ((gas * numerator + denominator - 1n) / denominator).toString() };
}

// three small messages of cosmos.tx.v1beta1 and cosmos.base.abci.v1beta1 by hand: their files bring half of CometBFT along

/** SimulateRequest{tx_bytes = 2}. */
export const simulateRequest = (tx: Uint8Array): Uint8Array => new BinaryWriter().uint32(18).bytes(tx).finish();

/** gas_used of SimulateResponse{gas_info = 1 {gas_wanted = 1, gas_used = 2}}. */
export function simulatedGas(response: Uint8Array): bigint {
  let used = 0n;
  fields(response, (field, reader) => {
    if (field !== 1) return false;
    fields(reader.bytes(), (inner, r) => inner === 2 && (used = BigInt(r.uint64().toString()), true));
    return true;
  });
  return used;
}

/** msg_responses of TxMsgData{msg_responses = 2 of Any}. */
export function responsesOf(data: Uint8Array): Msg[] {
  const out: Msg[] = [];
  fields(data, (field, reader) => {
    if (field !== 2) return false;
    let typeUrl = "", value = new Uint8Array();
    fields(reader.bytes(), (inner, r) => (inner === 1 ? (typeUrl = r.string(), true) : inner === 2 ? (value = new Uint8Array(r.bytes()), true) : false));
    out.push({ typeUrl, value });
    return true;
  });
  return out;
}

function fields(bytes: Uint8Array, read: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (!read(field, reader)) reader.skip(wire);
  }
}
