#!/bin/sh
# Installs what the live tests start on a bare Debian: Docker, Podman, an image registry, a static shell for test images,
# strace, which lets system calls fail for the durability tests, and Chromium, which opens pages.
# Starts nothing: test/engines does that, with folders and sockets of its own.
set -eu

missing=
for program in dockerd containerd docker-proxy podman conmon runc iptables ip busybox docker-registry tar strace chromium; do
  command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || missing="$missing $program"
done
[ -d /usr/lib/cni ] || missing="$missing cni-plugins"
if [ -z "$missing" ]; then
  echo "Docker, Podman, registry and Chromium are installed."
  exit 0
fi

echo "Not installed yet:$missing"
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
# A packaged daemon must not start by itself: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
  trap '$as_root rm -f "$policy"' EXIT
fi
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
  docker.io podman runc iptables iproute2 containernetworking-plugins busybox-static docker-registry \
  strace chromium
