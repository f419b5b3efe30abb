// Reads works from a storage node, and imports folders, with implementations of IPFS that are not ours.
//
//   node interop.mjs fetch URL CID DIR   everything beneath CID, from the node at URL, is what lies in DIR
//   node interop.mjs import DIR          prints the CID that the folder has in the profile unixfs-v1-2025
import assert from 'node:assert/strict'
import { setMaxListeners } from 'node:events'
import { createReadStream } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { trustlessGateway } from '@helia/block-brokers'
import { createHeliaHTTP } from '@helia/http'
import { httpGatewayRouting } from '@helia/routers'
import { unixfs } from '@helia/unixfs'
import { CarBlockIterator } from '@ipld/car'
import { MemoryBlockstore, BlackHoleBlockstore } from 'blockstore-core'
import { exporter, recursive } from 'ipfs-unixfs-exporter'
import { importer } from 'ipfs-unixfs-importer'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

// Node 20 lacks it, and parts of Helia want it
Promise.withResolvers ??= function () {
  const out = {}
  out.promise = new Promise((resolve, reject) => Object.assign(out, { resolve, reject }))
  return out
}

// Helia waits for ever for a block that nobody has, whatever it is told
const timeout = 60_000
setTimeout(() => {
  console.error(`no end after ${timeout} ms`)
  process.exit(1)
}, timeout).unref()

/** The files and folders in dir, as paths with slashes. */
async function * walk (dir, path = '') {
  const names = await readdir(join(dir, path))
  yield { path, folder: true }
  for (const name of names) {
    const at = path === '' ? name : `${path}/${name}`
    if ((await lstat(join(dir, at))).isDirectory()) yield * walk(dir, at)
    else yield { path: at, folder: false }
  }
}

/** Holds content to the file on disk, without either in memory whole. Returns how many bytes that were. */
async function same (content, file) {
  const disk = await open(file)
  try {
    let at = 0
    for await (const chunk of content) {
      const want = Buffer.alloc(chunk.length)
      const { bytesRead } = await disk.read(want, 0, chunk.length, at)
      assert(bytesRead === chunk.length && want.equals(chunk), `${file} differs at or after byte ${at}`)
      at += chunk.length
    }
    assert.equal(at, (await disk.stat()).size, `the length of ${file}`)
    return at
  } finally {
    await disk.close()
  }
}

async function get (url, accept) {
  const res = await fetch(url, { headers: accept == null ? {} : { accept }, signal: AbortSignal.timeout(timeout) })
  assert.equal(res.status, 200, `${url}: ${res.status}`)
  return res
}

/** Reads a CAR, whose every block must have its CID. */
async function blocks (res) {
  const type = res.headers.get('content-type')
  assert.match(type, /^application\/vnd\.ipld\.car; ?version=1; ?order=dfs; ?dups=n$/)
  const store = new MemoryBlockstore()
  const ids = []
  for await (const { cid, bytes } of await CarBlockIterator.fromIterable(res.body)) {
    const digest = await sha256.digest(bytes)
    assert.deepEqual(digest.bytes, cid.multihash.bytes, `the block ${cid}`)
    await store.put(cid, bytes)
    ids.push(cid.toString())
  }
  assert.equal(new Set(ids).size, ids.length, 'a block twice')
  return { store, ids }
}

/** Helia, whose only way to any block is the node. */
async function withHelia (url, f) {
  const helia = await createHeliaHTTP({
    blockBrokers: [trustlessGateway({ allowInsecure: true, allowLocal: true })],
    routers: [httpGatewayRouting({ gateways: [url] })]
  })
  try {
    return await f(unixfs(helia))
  } finally {
    await helia.stop()
  }
}

/** Fetches block by block: each is asked for with ?format=raw and verified by Helia. */
async function byBlocks (url, root, dir) {
  return withHelia(url, async fs => {
    const count = { files: 0, bytes: 0 }
    const signal = AbortSignal.timeout(timeout)
    setMaxListeners(0, signal) // one for each block
    const seen = []
    const visit = async path => {
      for await (const entry of fs.ls(root, { path, signal })) {
        const at = path === '' ? entry.name : `${path}/${entry.name}`
        seen.push(at)
        if (entry.type === 'directory') {
          await visit(at)
          continue
        }
        count.files++
        count.bytes += await same(fs.cat(root, { path: at, signal }), join(dir, at))
      }
    }
    await visit('')
    const want = []
    for await (const { path } of walk(dir)) if (path !== '') want.push(path)
    assert.deepEqual(seen.sort(), want.sort(), 'the names')
    return count
  })
}

/** Fetches all as one CAR and reads it without the node. */
async function byCAR (url, root, dir) {
  const { store, ids } = await blocks(await get(`${url}/ipfs/${root}?format=car`))
  let files = 0
  for await (const { path } of recursive(CID.parse(root), store)) {
    const entry = await exporter(path, store)
    if (entry.type === 'directory') continue
    files++
    await same(entry.content(), join(dir, path.slice(root.length + 1)))
  }
  return { files, blocks: ids.length }
}

/** Fetches a part of the largest file as a CAR of no more than that part needs, and as a plain range. */
async function byRange (url, root, dir) {
  let large = { size: -1 }
  for await (const { path, folder } of walk(dir)) {
    const { size } = await lstat(join(dir, path))
    if (!folder && size > large.size) large = { path, size }
  }
  const from = Math.floor(large.size / 2)
  const length = Math.min(1000, large.size - from)
  const at = `${url}/ipfs/${root}/${large.path.split('/').map(encodeURIComponent).join('/')}`
  const want = Buffer.alloc(length)
  const disk = await open(join(dir, large.path))
  await disk.read(want, 0, length, from)
  await disk.close()

  const accept = 'application/vnd.ipld.car; version=1; order=dfs; dups=n'
  const part = await blocks(await get(`${at}?entity-bytes=${from}:${from + length - 1}`, accept))
  const whole = await blocks(await get(`${at}?format=car&dag-scope=entity`))
  if (large.size > 2 << 20) assert(part.ids.length < whole.ids.length, 'the part is no smaller than the whole')
  const entry = await exporter(`${root}/${large.path}`, part.store)
  const chunks = []
  for await (const chunk of entry.content({ offset: from, length })) chunks.push(chunk)
  assert(want.equals(Buffer.concat(chunks)), 'the part by CAR')

  const res = await fetch(at, { headers: { range: `bytes=${from}-${from + length - 1}` }, signal: AbortSignal.timeout(timeout) })
  assert.equal(res.status, 206)
  assert(want.equals(Buffer.from(await res.arrayBuffer())), 'the part by range')
  return { of: whole.ids.length, blocks: part.ids.length }
}

/** Asks as clients of trustless gateways do to learn whether this is one. */
async function probe (url) {
  const res = await get(`${url}/ipfs/bafkqaaa?format=raw`)
  assert.equal((await res.arrayBuffer()).byteLength, 0)
}

async function importFolder (dir) {
  const source = async function * () {
    for await (const { path, folder } of walk(dir)) {
      if (path === '') continue
      yield folder ? { path } : { path, content: createReadStream(join(dir, path), { highWaterMark: 1 << 20 }) }
    }
  }
  let root
  // nothing is kept: the importer reads back no block
  for await (const entry of importer(source(), new BlackHoleBlockstore(), { profile: 'unixfs-v1-2025', wrapWithDirectory: true })) root = entry
  return root.cid.toString()
}

const [mode, ...args] = process.argv.slice(2)
if (mode === 'fetch' && args.length === 3) {
  await probe(args[0])
  console.log(JSON.stringify({ byCAR: await byCAR(...args), byRange: await byRange(...args), byBlocks: await byBlocks(...args) }))
} else if (mode === 'import' && args.length === 1) {
  console.log(await importFolder(args[0]))
} else {
  console.error('usage: node interop.mjs fetch URL CID DIR | import DIR')
  process.exit(2)
}
