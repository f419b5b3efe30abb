/** The prefix of accounts' addresses. */
export const ADDRESS_PREFIX = "stream";
/** The prefix of creators' ids: another one than accounts', so that coins cannot be sent to a creator as if to an account. */
export const CREATOR_PREFIX = "streamcreator";
