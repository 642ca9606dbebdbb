#!/bin/sh
# Makes the pictures of the dialogs in docs/images/dialogs, with the real ImageJ, from nothing but
# this repository: sh docs/screenshots.sh. Needs a JDK, Maven and a display, or else Xvfb and xauth;
# takes about a minute.
set -eu
cd "$(dirname "$0")/.."
mvn -q compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
out=docs/images/dialogs
mkdir -p "$out"
# settings of ImageJ from an empty folder, so that the pictures do not depend on this user's
# not as an argument: ONNX Runtime 1.29 crashes where the command line is long
CLASSPATH="target/classes:$(cat target/classpath.txt)"
export CLASSPATH
set -- timeout 300 java "-Duser.home=$PWD/target/screenshots-home" docs/screenshots/Screens.java "$out"
mkdir -p target/screenshots-home
if command -v xvfb-run >/dev/null; then
  exec xvfb-run -a -s "-screen 0 1280x1024x24" "$@"
fi
exec "$@"
