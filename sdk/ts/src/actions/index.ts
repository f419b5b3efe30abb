/** What people do on the chain, as messages that can be described, sent, and put into one transaction: `await buy(me, { work, maxPrice }).send(chain, wallet)`. */
export { Action, type Done, type Sender } from "./action.js";
export * from "./viewer.js";
export * from "./creator.js";
export * from "./community.js";
export * from "./court.js";
