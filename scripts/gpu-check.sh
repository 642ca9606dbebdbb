#!/usr/bin/env bash
# All that a machine with a CUDA device can tell about this project, in one go: exact networks, single
# calls and every command on CUDA against the CPU (TF32 off and on), time per step, memory, use of the
# card, PyTorch eager and compiled where python3 has it. Writes gpu-check.csv (every figure, at once),
# performance-cuda.md (a section for docs/performance.md) and setup.txt.
#
#   scripts/gpu-check.sh [key=value ...]            builds with -Pgpu and runs
#   scripts/gpu-check.sh build FOLDER [key=value]   builds only: FOLDER is all that the run needs
#   scripts/gpu-check.sh run FOLDER [key=value]     runs what build made, on a machine without Maven
#
#   device=cuda|cpu   cpu runs the same with the CPU in the device's place: all differences are 0
#   out=FOLDER        default target/gpu-check
#   models=A,B        names or folders, for instance of a float16 network (default nuclei)
#   side=128 steps=20 image side and steps of the commands
#   repeats=20 batches=1x64,1x256,8x256,32x256,1x512   of the timings
#   torch=auto|eager|no  PyTorch too, if there is one; eager leaves torch.compile out, which takes
#                     minutes on a CPU (default auto)
#
# Environment: JAVA (default java), NATIVES (a folder with ONNX Runtime's native libraries, instead of
# those in the jar), LD_LIBRARY_PATH (CUDA and cuDNN; those of python3's nvidia-* packages are added).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

device=cuda out=target/gpu-check batches=1x64,1x256,8x256,32x256,1x512 repeats=20 torch=auto
mode=all folder=
case "${1:-}" in build | run) mode=$1 folder=${2:?which folder?}; shift 2 ;; esac
for arg in "$@"; do
  case $arg in
    device=* | out=* | batches=* | repeats=* | torch=*) declare "$arg" ;;
    models=* | side=* | steps=*) ;;
    *) echo "gpu-check.sh does not know \"$arg\"; its head says what there is." >&2; exit 1 ;;
  esac
done
case $torch in auto | eager | no) ;; *) echo "torch is \"$torch\", but must be auto, eager or no." >&2; exit 1 ;; esac
case $device in cuda | cpu) ;; *) echo "device is \"$device\", but must be cuda or cpu." >&2; exit 1 ;; esac

build() { # FOLDER
  profile=(); [ "$device" = cpu ] || profile=(-Pgpu)
  (cd "$here/.." && mvn -q "${profile[@]}" test-compile dependency:copy-dependencies \
    -DincludeScope=compile -DoutputDirectory="$1/jars" -Dmdep.overIfNewer=true)
  mkdir -p "$1/scripts"
  rm -rf "$1/classes" "$1/fixtures" "$1/training"
  cp -r "$here/../target/classes" "$1/classes"
  mkdir -p "$1/classes/ijdiffusion/gpu" "$1/classes/ijdiffusion/command"
  cp "$here/../target/test-classes/ijdiffusion/gpu/"*.class "$1/classes/ijdiffusion/gpu/"
  cp "$here/../target/test-classes/ijdiffusion/command/DeviceEdits"*.class "$1/classes/ijdiffusion/command/"
  cp -r "$here/../src/test/resources/models" "$1/fixtures"
  mkdir -p "$1/training"
  cp "$here/../models/training/"{nets,unet}.py "$1/training/"
  cp "$here/gpu-check.sh" "$here/gpu_torch.py" "$1/scripts/"
}

# folders of CUDA and cuDNN that came with python3's nvidia-* packages
python_cuda() {
  command -v python3 >/dev/null || return 0
  python3 - <<'P' 2>/dev/null || true
import glob, site, sysconfig
roots = {sysconfig.get_paths()["purelib"], *site.getsitepackages()}
print(":".join(sorted({d for r in roots for d in glob.glob(r + "/nvidia/**/lib", recursive=True)})))
P
}

run() { # FOLDER
  java=${JAVA:-java}
  mkdir -p "$out"
  cuda=$(python_cuda)
  for d in /usr/local/cuda/lib64 /usr/local/nvidia/lib64; do [ ! -d "$d" ] || cuda="${cuda:+$cuda:}$d"; done
  export LD_LIBRARY_PATH="${NATIVES:+$NATIVES:}${LD_LIBRARY_PATH:-}${cuda:+:$cuda}"
  # not as an argument: ONNX Runtime 1.29 crashes where the command line is long
  CLASSPATH="$1/classes:$1/jars/*"
  export CLASSPATH
  options=(-Xmx4g -Djava.awt.headless=true)
  [ -z "${NATIVES:-}" ] || options+=("-Donnxruntime.native.path=$NATIVES")
  "$java" "${options[@]}" ijdiffusion.command.Main check | tee "$out/setup.txt" || true
  measured=() eager=()
  [ "$torch" != eager ] || eager=(--no-compile)
  if [ "$torch" != no ] && { [ "$device" = cpu ] || grep -q '^Device cuda works' "$out/setup.txt"; }; then
    if command -v python3 >/dev/null && python3 -c 'import torch' 2>/dev/null; then
      TRAINING="$1/training" python3 "$1/scripts/gpu_torch.py" --device "$device" --batches "$batches" \
        --repeats "$repeats" "${eager[@]}" --out "$out/torch.csv" && measured=("torch=$out/torch.csv")
    else
      echo "PyTorch is not compared: python3 with torch is not there."
    fi
  fi
  "$java" "${options[@]}" ijdiffusion.gpu.GpuCheck "${passed[@]}" "fixtures=$1/fixtures" "${measured[@]}"
}

passed=("device=$device" "out=$out" "batches=$batches" "repeats=$repeats")
for arg in "$@"; do case $arg in models=* | side=* | steps=*) passed+=("$arg") ;; esac; done
case $mode in
  build) mkdir -p "$folder"; build "$(cd "$folder" && pwd)" ;;
  run) run "$(cd "$folder" && pwd)" ;;
  all) mkdir -p "$here/../target/gpu-check-app"; work=$(cd "$here/../target/gpu-check-app" && pwd); build "$work"; run "$work" ;;
esac
