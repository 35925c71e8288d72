const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/** CRC-32C (Castagnoli), which Node.js does not have: of a chunk, after those of which it has been `value`. */
export function crc32c(value: number, chunk: Buffer): number {
  let register = ~value;
  for (const byte of chunk) register = (CASTAGNOLI[(register ^ byte) & 0xff] ?? 0) ^ (register >>> 8);
  return ~register >>> 0;
}
