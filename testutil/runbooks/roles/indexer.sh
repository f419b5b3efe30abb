LISTEN=127.0.0.1:$((BASE_PORT + 8188))
WEB=http://$LISTEN
APP_RPC=$RPC
APP_REST=$REST
export INDEXERD_HOME=$PWD/indexer
OTHER=$PWD/other
ROOT=$(command streamd query content works "$(creator_of bob)" -o json | jq -er '.works[0].cid')

indexerd() {
  case "$1" in
    start)
      service indexerd "$(type -P indexerd)" start
      until_ok 30 command indexerd status
      ;;
    digest) command indexerd "$@" | tee -a digests ;;
    *) command indexerd "$@" ;;
  esac
}
systemctl() {
  case "$1" in
    stop) stop indexerd ;;
    start) indexerd start ;;
  esac
}

# a kill leaves whole blocks
after_2() {
  stop indexerd KILL
  indexerd start
}
before_4() {
  HEIGHT=$(cut -d' ' -f1 digests)
  mkdir "$OTHER"
  cp "$INDEXERD_HOME/config.toml" "$OTHER"
}
after_4() { [ "$(wc -l <digests)" = 2 ] && [ "$(sort -u digests | wc -l)" = 1 ]; }
