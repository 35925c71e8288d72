/** Everything but RFC 3986's unreserved characters; a key's slashes stay. */
export function encodePath(path: string): string {
  return path.split('/').map(encodePart).join('/');
}

const encodePart = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
