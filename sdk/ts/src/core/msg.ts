/** A message of a transaction, encoded: what is shown, simulated and signed is the same bytes. */
export interface Msg {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** Values that may leave fields out. */
export type Partially<T> = T extends bigint ? string | number | bigint
  : T extends Date | Uint8Array | string | number | boolean | undefined ? T
    : T extends readonly (infer U)[] ? readonly Partially<U>[]
      : { [K in keyof T]?: Partially<T[K]> };

/** What generated code offers for each message. */
export interface Codec<T> {
  readonly $type: string;
  encode(message: T): { finish(): Uint8Array };
  decode(input: Uint8Array): T;
  // generated types name the partial by another, equal type
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  fromPartial(object: any): T;
}

/** Encodes a message: `msg(MsgTip, { payer, subject, amount })`. Codecs are in `@streamchain/sdk/gen/…`. */
export function msg<T>(codec: Codec<T>, fields: Partially<T>): Msg {
  return { typeUrl: "/" + codec.$type, value: codec.encode(codec.fromPartial(fields)).finish() };
}
