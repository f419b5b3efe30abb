/** Wallets, and what they are asked to sign in plain words. */
export { type SignDoc, type Signed, type Wallet, WalletError } from "./wallet.js";
export { generateMnemonic, HD_PATH, isMnemonic, MemoryWallet, mnemonicWords, normalizeMnemonic } from "./memory.js";
export { type Keystore, openMnemonic, parseKeystore, sealMnemonic } from "./keystore.js";
export { findExtensions, type KeplrApi, KeplrWallet } from "./keplr.js";
export { type ChainConfig, type ChainInfo, chainInfo } from "./chaininfo.js";
export { docOf, OfflineSigner, type SignedFile, signOffline, type UnsignedFile, unsignedFile } from "./offline.js";
export { addressOf, arbitraryBytes, signDocBytes, verify } from "./sign.js";
export { describe, type Line, messagesOf } from "./describe/index.js";
