// Package media turns a file into what a work consists of: an HLS presentation with renditions, captions and
// thumbnails (or the file itself, where it is no audio or video), the UnixFS DAG of that, and the CAR that is the
// work's piece. Between the first and the second, Encrypt makes of a presentation one that only opens with the work's keys.
//
// It runs ffmpeg and ffprobe, never by a shell, and only with an allow-list of containers, the file protocol, and
// bounds of memory, pixels and time: a playlist that names other files of the creator's disk is refused, and so is what
// claims more than can be. It never publishes what stood beside the picture and sound, such as places and names in the
// metadata, nor captions as they came.
//
// Invariants: the same packaged files give the same CIDs and the same piece root; a presentation that Package
// returns is whole, whatever interrupted an earlier run; its renditions change segments at the same frames; every
// block that enters a piece hashes to its CID; a key never serves for two contents, and what is encrypted and changed is not decrypted (files) or not
// what its CID names (segments).
//
// It knows nothing of the chain and of nodes, and neither makes nor keeps keys.
//
// Start at Package, then Encrypt, BuildDAG and WriteCAR; who reads encrypted works at ParseKeyTag, DecryptSegment and NewFileDecrypter. Formats: docs/spec/packaging.md.
package media
