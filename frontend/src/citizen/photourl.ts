const urls = new WeakMap<Blob, string>();

/** An address for a photo in this page's memory, the same each time it is drawn. */
export function photoUrl(photo: Blob): string {
  let url = urls.get(photo);
  if (!url) {
    url = URL.createObjectURL(photo);
    urls.set(photo, url);
  }
  return url;
}
