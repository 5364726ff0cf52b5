const TARGET_PIXELS = 2_000_000;
const QUALITY = 0.85;

/**
 * The photo drawn anew at about two megapixels: sent in a moment, and with nothing of the phone
 * or the place left in it. Raises an Error where the file is no picture this browser can read.
 */
export async function shrink(file: Blob, pixels = TARGET_PIXELS): Promise<Blob> {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, Math.sqrt(pixels / (image.width * image.height)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const ctx = canvas.getContext("2d")!;
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("the canvas gave no picture"))),
      "image/jpeg", QUALITY,
    );
  });
}
