/**
 * The path of an object in a request: each part of the key percent-encoded as Signature Version 4 wants it.
 * In: the whole key. Out: its path, without a leading slash.
 */
export function objectPath(key: string): string {
  return key.split('/').map(encodePart).join('/');
}

/** Everything but A–Z, a–z, 0–9, `-`, `.`, `_` and `~` (RFC 3986, unreserved). */
function encodePart(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
