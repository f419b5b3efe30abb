/** Ids, amounts, errors and messages: what all other parts speak in, and nothing that touches a network. */
export { ADDRESS_PREFIX, addressBytes, bech32Bytes, bech32Text, CREATOR_PREFIX, creatorId, isAddress, isCreatorId, isWorkId, moduleAddress, shorten, VALIDATOR_PREFIX } from "./core/ids.js";
export { type Amount, BASE_DENOM, bpsOf, type Coin, EXPONENT, formatAmount, formatBps, formatStream, parseAmount, parseStream, ustream, wholeOfDecimal } from "./core/amounts.js";
export { InvalidError, StreamError } from "./core/errors.js";
export { type Codec, msg, type Msg, type Partially } from "./core/msg.js";
