/**
 * A sudo for tests, as a bash script beside a real sshd: it asks, refuses and runs as sudo 1.9 does, in its
 * words. It writes the lines that it reads to `passwords`, and its arguments and environment to `calls`.
 */
/**
 * bash reads a line from a pipe byte by byte, as sudo does. Modes: free, tty, missing, asks, stranger, other.
 */
export const FAKE_SUDO = `#!/bin/bash
dir=$(dirname "$(dirname "$0")")
n= S= prompt=
while :; do
  case $1 in
    -n) n=1; shift ;; -S) S=1; shift ;; -p) prompt=$2; shift 2 ;; --) shift; break ;; *) exit 9 ;;
  esac
done
mode=$(cat "$dir/mode")
echo "$*" >>"$dir/calls"; env >>"$dir/calls"
case $mode in
  free) VIA_SUDO=yes exec "$@" ;;
  tty) echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1 ;;
  missing) echo 'env: sudo: No such file or directory' >&2; exit 127 ;;
esac
if [ -n "$n" ]; then echo 'sudo: a password is required' >&2; exit 1; fi
for try in 1 2 3; do
  printf %s "$prompt" >&2
  if ! IFS= read -r line; then
    printf '\\nsudo: no password was provided\\nsudo: %d incorrect password attempt\\n' $((try - 1)) >&2
    exit 1
  fi
  printf '%s\\n' "$line" >>"$dir/passwords"
  if [ "$line" = "$(cat "$dir/password")" ]; then
    if [ $mode = stranger ]; then echo 'root is not in the sudoers file.' >&2; exit 1; fi
    if [ $mode = other ]; then
      echo "Sorry, user root is not allowed to execute '/usr/bin/sh' as root on node." >&2
      exit 1
    fi
    VIA_SUDO=yes exec "$@"
  fi
  echo 'Sorry, try again.' >&2
done
echo 'sudo: 3 incorrect password attempts' >&2
exit 1
`;
