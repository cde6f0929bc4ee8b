#!/bin/sh
# What cilium-agent calls as clang: asks for the object on stdout, which ccache would not remember.
# Takes REAL_CLANG, the compiler, and ccache's own variables.
out=
last=
for arg; do
  shift
  if [ "$last" = -o ] && [ "$arg" = - ]; then
    out=$(mktemp) || exit 1
    arg=$out
  fi
  last=$arg
  set -- "$@" "$arg"
done
[ -n "$out" ] || exec "$REAL_CLANG" "$@"
ccache "$REAL_CLANG" "$@" && cat "$out"
code=$?
rm -f "$out"
exit "$code"
