#!/bin/sh
# Makes the pictures of docs/gallery.md by the command line, with fixed seeds, from nothing but this
# repository: sh docs/gallery.sh. Needs a JDK and Maven; takes some minutes.
set -eu
cd "$(dirname "$0")/.."
mvn -q compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
# not as an argument: ONNX Runtime 1.29 crashes where the command line is long
CLASSPATH="target/classes:$(cat target/classpath.txt)"
export CLASSPATH
work=target/gallery-work
out=docs/images/gallery
mkdir -p "$work" "$out"

picture() { java docs/gallery/Pictures.java "$@"; }
# diffusion COMMAND IN OUT OPTIONS [MORE]: as mvn exec:java -Dexec.args="run ..." does
diffusion() {
  command=$1 in=$2 result=$3 options=$4
  shift 4
  echo "Diffusion $command... $options"
  java -Djava.awt.headless=true ijdiffusion.command.Main run \
    "Diffusion $command..." --in "$work/$in" --out "$work/$result" --options "$options" "$@"
}

picture field "$work/field.tif" 256 42
picture field "$work/first.tif" 128 42
picture field "$work/last.tif" 128 7
picture scale "$out/source/coins.png" "$work/coins.tif" 0.5

picture mask "$work/field.tif" "$work/hole.png" oval 78,107,60,50
diffusion Inpaint field.tif inpainted.tif "preset=thorough seed=1 samples=4" --mask "$work/hole.png"
picture hide "$work/field.tif" "$work/hole.png" "$work/hidden.tif"
picture panels "$out/inpaint.png" 0-130 "$work/hidden.tif" \
  "$work/inpainted.tif#1" "$work/inpainted.tif#4" "$work/field.tif"

picture scale "$out/source/chelsea.png" "$work/chelsea.tif" 1
picture scratch "$work/chelsea.tif" "$work/scratches.png" 7 \
  "60,40,90,70,110,60,150,95,190,90;30,150,70,130,100,150,150,140;170,20,180,60,205,110,200,150;120,175,170,165,215,180"
picture hide "$work/chelsea.tif" "$work/scratches.png" "$work/scratched.tif"
diffusion Inpaint chelsea.tif mended.tif "model=photos seed=1" --mask "$work/scratches.png"
diffusion Inpaint chelsea.tif quickly.tif "model=photos-inpaint seed=1" \
  --mask "$work/scratches.png"
picture panels "$out/inpaint-photo.png" colours "$work/scratched.tif" "$work/mended.tif" \
  "$work/quickly.tif" "$work/chelsea.tif"

picture mask "$work/chelsea.tif" "$work/hole-photo.png" oval 40,110,44,44
picture hide "$work/chelsea.tif" "$work/hole-photo.png" "$work/hidden-photo.tif"
diffusion Inpaint chelsea.tif filled-photo.tif "model=photos preset=thorough seed=1 samples=2" \
  --mask "$work/hole-photo.png"
picture panels "$out/inpaint-hole.png" colours "$work/hidden-photo.tif" "$work/filled-photo.tif#1" \
  "$work/filled-photo.tif#2" "$work/chelsea.tif"

picture paint "$work/field.tif" "$work/painted.tif"
picture mask "$work/field.tif" "$work/band.png" rectangle 72,0,112,256
diffusion Edit painted.tif edited.tif "seed=1" --mask "$work/band.png"
diffusion Edit painted.tif edited-all.tif "seed=1"
picture panels "$out/edit.png" 0-130 "$work/painted.tif" "$work/edited.tif" "$work/edited-all.tif"

diffusion Guide field.tif guided8.tif "seed=1"
diffusion Guide field.tif guided16.tif "seed=1 factor=16"
diffusion Guide coins.tif guided-coins.tif "seed=1"
picture panels "$out/guide.png" 0-130 "$work/field.tif" "$work/guided8.tif" "$work/guided16.tif"
picture panels "$out/guide-coins.png" auto "$work/coins.tif" "$work/guided-coins.tif"

picture noise "$work/field.tif" "$work/noisy.tif" 12
diffusion Denoise noisy.tif mean.tif "noise=0"
diffusion Denoise noisy.tif sample.tif "noise=0 output=samples seed=1"
picture panels "$out/denoise.png" 0-130 "$work/noisy.tif" "$work/mean.tif" "$work/sample.tif" \
  "$work/field.tif"

picture noise "$work/chelsea.tif" "$work/noisy-photo.tif" 25
diffusion Denoise noisy-photo.tif mean-photo.tif "model=photos noise=0"
diffusion Denoise noisy-photo.tif sample-photo.tif "model=photos noise=0 output=samples seed=1"
picture panels "$out/denoise-photo.png" colours "$work/noisy-photo.tif" "$work/mean-photo.tif" \
  "$work/sample-photo.tif" "$work/chelsea.tif"

if [ -f models/nuclei-sr4/rdf.yaml ]; then
  picture scale "$work/field.tif" "$work/small.tif" 0.25
  picture enlarge "$work/small.tif" "$work/squares.tif" 4
  diffusion Upscale small.tif upscaled.tif "seed=1"
  picture panels "$out/upscale.png" 0-130 "$work/squares.tif" "$work/upscaled.tif" "$work/field.tif"
else
  echo "No models/nuclei-sr4: no picture of Upscale."
fi

echo "Diffusion Generate..."
java -Djava.awt.headless=true ijdiffusion.command.Main run "Diffusion Generate..." \
  --out "$work/generated.tif" --options "width=192 height=192 samples=4 seed=1"
picture panels "$out/generate.png" auto "$work/generated.tif#1" "$work/generated.tif#2" \
  "$work/generated.tif#3" "$work/generated.tif#4"

diffusion Encode first.tif latent.tif ""
diffusion Decode latent.tif decoded.tif ""
picture panels "$out/decode.png" auto "$work/first.tif" "$work/latent.tif" "$work/decoded.tif"

diffusion Interpolate first.tif between.tif "other=$work/last.tif frames=5"
picture panels "$out/interpolate.png" 0-130 "$work/between.tif#1" "$work/between.tif#2" \
  "$work/between.tif#3" "$work/between.tif#4" "$work/between.tif#5"
