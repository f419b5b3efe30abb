import type { Keystore, Wallet } from '@streamchain/sdk/wallet'

/**
 * The built-in wallet's words at rest, in IndexedDB of this origin, in one of two ways:
 * device:   AES-256-GCM under a key that this browser keeps and never gives out (not extractable). Whoever can use this browser profile can use the
 *           wallet; a copy of the profile's files without the browser cannot be opened with what is in it alone.
 * password: the SDK's encrypted keystore. Without the password nobody opens it, its owner included.
 */
interface DeviceRow {
  id: 'main'
  kind: 'device'
  key: CryptoKey
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}
interface PasswordRow {
  id: 'main'
  kind: 'password'
  sealed: Keystore
}
type Row = DeviceRow | PasswordRow

export class VaultError extends Error {
  override name = 'VaultError'
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('streamchain', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('vault', { keyPath: 'id' })
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(new VaultError('This browser does not let the page keep anything (private window?).'))
  })
}

async function inStore<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open()
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction('vault', mode)
      const request = use(transaction.objectStore('vault'))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(new VaultError('The wallet could not be kept: this browser refuses storage or has no room.'))
    })
  } finally {
    database.close()
  }
}

const load = (): Promise<Row | undefined> => inStore('readonly', (store) => store.get('main') as IDBRequest<Row | undefined>)
const sdk = () => import('@streamchain/sdk/wallet')

async function sealOnDevice(words: string): Promise<DeviceRow> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return { id: 'main', kind: 'device', key, iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(words)) }
}

/** Keeps words, in the place of what was kept; without a password bound to this device. Asks the browser not to clear them when it needs room. */
async function keep(words: string, password: string | undefined): Promise<void> {
  const row: Row = password === undefined ? await sealOnDevice(words) : { id: 'main', kind: 'password', sealed: await (await sdk()).sealMnemonic(words, password) }
  await inStore('readwrite', (store) => store.put(row))
  void navigator.storage?.persist?.()
}

/** Makes a wallet of new words. */
export async function create(password?: string): Promise<Wallet> {
  const { generateMnemonic } = await sdk()
  return restore(generateMnemonic(), password)
}

/** Takes a wallet over by its words. Throws what the SDK says of words that are none. */
export async function restore(words: string, password?: string): Promise<Wallet> {
  const { MemoryWallet } = await sdk()
  const clean = words.trim().toLowerCase().split(/\s+/).join(' ')
  const wallet = await MemoryWallet.fromMnemonic(clean)
  await keep(clean, password)
  return wallet
}

/** The words of what is kept; of a password-bound one only with the password. */
export async function reveal(password?: string): Promise<string> {
  const row = await load()
  if (!row) throw new VaultError('No wallet is kept in this browser any more. Restore it with its recovery words.')
  if (row.kind === 'device') return new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: row.iv }, row.key, row.data))
  if (password === undefined) throw new VaultError('The password is needed.')
  return (await sdk()).openMnemonic(row.sealed, password)
}

export async function unlockDevice(): Promise<Wallet> {
  const { MemoryWallet } = await sdk()
  const row = await load()
  if (row?.kind !== 'device') throw new VaultError('No wallet of this device is kept.')
  return MemoryWallet.fromMnemonic(await reveal())
}

export async function unlockPassword(password: string): Promise<Wallet> {
  const { MemoryWallet } = await sdk()
  return MemoryWallet.fromMnemonic(await reveal(password))
}

/** Changes how it is kept: with a password bound to it, without one to the device. */
export async function rekey(current: string | undefined, next: string | undefined): Promise<void> {
  await keep(await reveal(current), next)
}

/** Removes the words from this browser for good. */
export async function erase(): Promise<void> {
  await inStore('readwrite', (store) => store.delete('main'))
}
