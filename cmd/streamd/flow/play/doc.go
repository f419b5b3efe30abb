// Package play shows a work that is being watched in a browser of the same machine: a small page with hls.js, the work's playlists and segments as they lie at
// nodes, and the keys that the browser decrypts with. What the player asks for is fetched, verified and paid by a watch.Session, up to its limit.
//
// Nobody else may drive it, or see what it plays: it answers on loopback only, beneath a random name, to requests that name its own address, and to no page of
// another origin. It is no server for others: whoever reaches it spends its owner's coins.
//
// page/hls.light.min.js is hls.js 1.7.4 as its makers publish it (hls.LICENSE), without the line that names its source map.
//
// Start at New.
package play
