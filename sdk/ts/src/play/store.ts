/** What a device remembers between runs: its session key, lanes, what was paid, keys that were paid for. Values are JSON. */
export interface PlayStore {
  get(key: string): Promise<string | undefined>;
  /** Keeps its promise when the value is safe: a word that is sent must never be forgotten. */
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Takes a lock that no other page holds; undefined where one does. The function gives it back. */
  lock(name: string): Promise<(() => void) | undefined>;
}

/** A store in memory: everything is forgotten with the page, and the session key with it. */
export function memoryStore(): PlayStore {
  const values = new Map<string, string>(), locks = new Set<string>();
  return {
    get: async (k) => values.get(k),
    set: async (k, v) => void values.set(k, v),
    delete: async (k) => void values.delete(k),
    lock: async (name) => {
      if (locks.has(name)) return undefined;
      locks.add(name);
      return () => void locks.delete(name);
    },
  };
}

/** A store in the browser's IndexedDB, with its locks. Whoever can read it can spend what the session key is limited to, and nothing more. */
export function indexedDbStore(name = "streamchain-play"): PlayStore {
  let opened: Promise<IDBDatabase> | undefined;
  const open = () => (opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const r = indexedDB.open(name, 1);
    r.onupgradeneeded = () => r.result.createObjectStore("values");
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error ?? new Error("the browser keeps nothing: leave its private mode, or allow this site to store data"));
  }).catch((e: unknown) => {
    opened = undefined;
    throw e;
  }));
  const run = async <T>(mode: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const db = await open();
    return new Promise((resolve, reject) => {
      const t = db.transaction("values", mode, { durability: "strict" }), r = f(t.objectStore("values"));
      t.oncomplete = () => resolve(r.result);
      t.onabort = t.onerror = () => reject(t.error ?? new Error("the browser stored nothing"));
    });
  };
  return {
    get: (k) => run("readonly", (s) => s.get(k) as IDBRequest<string | undefined>),
    set: async (k, v) => void (await run("readwrite", (s) => s.put(v, k))),
    delete: async (k) => void (await run("readwrite", (s) => s.delete(k))),
    lock: (what) => {
      if (!navigator.locks) return Promise.resolve(() => undefined);
      return new Promise((resolve, reject) => {
        navigator.locks.request(`${name}/${what}`, { ifAvailable: true }, (lock) => {
          if (!lock) return resolve(undefined);
          return new Promise<void>((release) => resolve(() => release()));
        }).catch(reject);
      });
    },
  };
}
