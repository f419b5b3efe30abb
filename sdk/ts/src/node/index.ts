/**
 * Storage nodes: blocks by CID, each verified before it counts, from whichever node gives them; sessions, payments, keys, uploads (docs/spec/node-api.md,
 * docs/spec/retrieval.md).
 * @module
 */
export { CID } from "../media/cid.js";
export { DagError, type Link } from "../media/dagpb.js";
export { type BlockReply, type ClientOptions, type Credentials, MAX_BLOCK, NodeClient, STALL } from "./client.js";
export * from "./errors.js";
export { type BlockCache, type Fetched, Fetcher } from "./fetcher.js";
export { type Admit, type Blame, FinalError, type Leg, type Node, NodePool, type Request, type Score, SILENCE, type Stat } from "./pool.js";
export { type Holder, seek } from "./seek.js";
export * from "./wire.js";
