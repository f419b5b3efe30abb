export { ADDRESS_PREFIX, CREATOR_PREFIX } from "./core/ids.js";
