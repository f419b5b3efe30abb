// Package web carries the built web app, so that `indexerd` serves it from its own binary.
//
// `make web` builds dist/; without it only a placeholder is embedded, and Dist says so. Nothing here is needed by consensus.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the built app, rooted at its index.html. It is false when the binary was built without the app.
func Dist() (fs.FS, bool) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, false
	}
	if _, err := fs.Stat(files, "index.html"); err != nil {
		return nil, false
	}
	return files, true
}
