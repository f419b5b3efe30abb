/**
 * Publishing from a page or a program: a file that does not play, encrypted where it has a price, or a folder that was packaged already, to storage nodes and the
 * chain (docs/spec/packaging.md, docs/spec/node-api.md). What plays and is sold is packaged and encrypted by the helper on the creator's machine
 * (`viaPackager`, docs/spec/packager.md).
 * @module
 */
export { bytesSource, type Entry, type Source } from "../media/unixfs.js";
export { PublishError } from "./errors.js";
export { kindOfFile, storedName } from "./files.js";
export { type Car } from "./piece.js";
export { type Progress, type Published, publishFile, type PublishOptions, publishPackaged, type PublishState, type Quote, type Terms } from "./publish.js";
export { grantText, UploadProof } from "./upload.js";
export { answerAsk, type Answer, type Ask, type Job, Packager, PackagerError, type PackagerInfo, viaPackager, type ViaPackagerOptions } from "./packager.js";
