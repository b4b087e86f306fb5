#!/bin/sh
# Installs exactly what the lab and its tests need and this Debian lacks. Starts no service: the machine itself is no GlusterFS host.
set -eu

packages="glusterfs-server glusterfs-client openssh-server openssh-client systemd systemd-sysv dbus libpam-systemd
  iproute2 util-linux attr e2fsprogs xfsprogs nftables procps sudo ansible-core"

lacking=
for package in $packages; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || :)
  [ "$status" = 'install ok installed' ] || lacking="$lacking $package"
done
if [ -z "$lacking" ]; then
  echo 'nothing lacks'
  exit 0
fi

# Package scripts ask this file whether they may start what they bring; 101 means no. A file already there is the
# administrator's and stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi

echo "installing:$lacking"
export DEBIAN_FRONTEND=noninteractive
apt-get update
# shellcheck disable=SC2086 # a list of words on purpose
apt-get install -y --no-install-recommends $lacking
