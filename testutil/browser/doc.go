// Package browser plays works in a real Chromium: the page of `streamd play`, hls.js, and nodes, holders and a chain of a planet. Its tests need Chromium and the
// packages of package-lock.json; `make browser` installs both and runs them, elsewhere they are skipped.
package browser
