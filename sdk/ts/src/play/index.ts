/**
 * Playing: opens a work, decides how its viewer gets in, pays for what is watched and nothing else, and gives hls.js or the page verified, decrypted bytes
 * (docs/spec/retrieval.md). Nothing of the chain's client is loaded before the wallet is needed.
 * @module
 */
export * from "./errors.js";
export { hlsConfig, playerUrl } from "./hls.js";
export { typeOf } from "./helpers.js";
export { type Loaded, type Meter, type Mode, type PauseReason, type PlayerEvents, type PlayerOptions, type Result } from "./options.js";
export { Player } from "./player.js";
export { type Quality } from "../media/playlist.js";
export { restChain } from "./rest.js";
export { indexedDbStore, memoryStore, type PlayStore } from "./store.js";
export { type Authorization, type Decision, DENOM, type KeySet, type Metered, type PlayChain, type Viewer, type WorkInfo } from "./types.js";
export { authorizationMessages, walletViewer } from "./viewer.js";
