/** A node of the chain: typed queries, transactions and their events. cosmjs is loaded when a connection is made. */
export { ChainClient, type ChainOptions, type Comet, type Estimate, type TxOptions, type TxResult } from "./client.js";
export { ChainError, ConnectionError, isNotFound } from "./errors.js";
export { type ChainEvent, decodeEvents, eventOf } from "./events.js";
export { type Queries, type QueryOptions } from "./queries.js";
export { authInfoBytes, bodyBytes, type Fee, feeOf, txBytes, txHash } from "./tx.js";
