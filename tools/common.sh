# What the scripts of this folder share. Sourced, from the repository's root.

say() { printf '\n== %s\n' "$*"; }

# install_packages PURPOSE...: installs the packages of tools/packages.txt that are missing, and says so.
install_packages() {
  local wanted missing=() package
  wanted=$(for purpose in "$@"; do awk -v p="$purpose" '$1 == p { print $2 }' tools/packages.txt; done)
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian or Ubuntu: make sure that these are installed, under your names for them:"
    echo "$wanted" | tr '\n' ' '
    echo
    return 0
  fi
  for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
      missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    echo "All packages for ${*} are installed."
    return 0
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "These packages are missing and only root can install them:" >&2
      echo "  apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  say "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    "${missing[@]}"
}
